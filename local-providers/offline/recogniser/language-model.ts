/** What the recogniser's child needs of a vocabulary, as files: n-grams, grammar and dictionary; made once per vocabulary. */

import { createHash, randomUUID } from 'node:crypto';
import { access, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Vocabulary } from '../../../wire/vocabulary.js';
import { parseDictionary, pronounce } from './dictionary.js';
import { buildGrammar, toFsg } from './grammar.js';
import { NgramModel } from './ngram.js';
import { parseTemplates, sampleCorpus, wordsOf } from './templates.js';

/** Raise it when the files made of one vocabulary change. */
const FORMAT = 4;

/** Enough that the trigrams of an order's slots are all there; takes half a second. */
const CORPUS = { sentences: 60_000, atLeast: 20, seed: 1 };

/** Longest history PocketSphinx uses is two words. */
const NGRAM_ORDER = 3;

export interface LanguageModelFiles {
  readonly ngrams: string;
  readonly grammar: string;
  readonly dictionary: string;
}

/**
 * Makes the model in memory.
 * @param cmudict - Text of the CMU dictionary.
 * @throws VocabularyError when a template or a pronunciation is at fault.
 */
export function makeLanguageModel(vocabulary: Vocabulary, cmudict: string): LanguageModelFiles {
  const templates = parseTemplates(vocabulary);
  const words = wordsOf(templates);
  const dictionary = pronounce(words, parseDictionary(cmudict), vocabulary.pronunciations);
  const ngrams = new NgramModel(NGRAM_ORDER, words);
  for (const sentence of sampleCorpus(templates, CORPUS)) ngrams.add(sentence);
  const grammar = buildGrammar(templates, sampleCorpus(templates, CORPUS));
  return { ngrams: ngrams.toArpa(), grammar: toFsg(grammar, 'sentences'), dictionary };
}

/**
 * Finds the model of a vocabulary in the cache or makes it.
 * @param cacheDir - Holds one folder per vocabulary, named by its content.
 * @returns The folder with `words.arpa`, `sentences.fsg` and `words.dict`.
 */
export async function cacheLanguageModel(
  vocabulary: Vocabulary,
  { cmudictFile, cacheDir }: { readonly cmudictFile: string; readonly cacheDir: string },
): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify({ FORMAT, CORPUS, vocabulary })).digest('hex').slice(0, 32);
  const folder = join(cacheDir, hash);
  if (await exists(folder)) return folder;
  const files = makeLanguageModel(vocabulary, await readFile(cmudictFile, 'utf8'));
  // Under its own name only once whole: a stopped process leaves no half a model that the next one would use.
  const draft = `${folder}.${randomUUID()}`;
  try {
    await mkdir(draft, { recursive: true });
    await writeFile(join(draft, 'words.arpa'), files.ngrams);
    await writeFile(join(draft, 'sentences.fsg'), files.grammar);
    await writeFile(join(draft, 'words.dict'), files.dictionary);
    await rename(draft, folder);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    // Another process made the same model at the same time.
    if (!(await exists(folder))) throw error;
  }
  return folder;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
