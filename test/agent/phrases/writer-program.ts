/** One of several processes that write phrases into one folder: `FOLDER NUMBER ROUNDS`; its number is in each of its samples. */
import { PhraseCache } from '../../../agent/phrases/phrase-cache.js';
import { phraseFileName } from '../../../agent/phrases/phrase-file.js';
import { PhraseFolder } from '../../../agent/phrases/phrase-folder.js';
import { KEY, SHARED_TEXTS } from './shared-texts.js';

const [folder = '', writer = '0', rounds = '1'] = process.argv.slice(2);
for (let round = 0; round < Number(rounds); round += 1) {
  for (const text of SHARED_TEXTS) {
    // Found by another's hand, nothing would be written: what is there is spoilt first, as often as not.
    if (round % 2 === 1) await new PhraseFolder(folder).write(phraseFileName(KEY, text), Buffer.from('spoilt'));
    const cache = await PhraseCache.open(folder, KEY);
    await cache.add(text, async () => ({ samples: new Int16Array(20_000).fill(Number(writer)), words: [] }));
  }
}
