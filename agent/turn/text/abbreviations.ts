/** Full stops that are part of a word: abbreviations, initials, ordinals. Several languages at once, since a reply names none. */

const set = (words: string): ReadonlySet<string> => new Set(words.split(' '));

/** What stands before more of the same sentence, always: titles, "e.g.", "vs.", "ca.", "Mio.". */
const NEVER_LAST = set(
  'mr mrs ms mx dr prof rev hon gen col capt cpt lt sgt maj sen rep gov pres supt messrs st ste mt ft vs e.g i.e cf viz ' +
    'approx al hr fr hrn dipl ing bzw ca z.b d.h u.a u.u v.a i.d.r o.ä s.o z.t evtl ggf inkl exkl zzgl bspw mio mrd ' +
    'mme mlle mgr mm env av bd p.ex c.-à-d sr sra srta sres d.ª dra ud uds vd p.ej aprox avda ' +
    'डॉ रु प्रो श्री पं मि सं दू د.م أ.د',
);
/** What stands before a number: "No. 5", "Jan. 3", "p. 12". */
const BEFORE_NUMBERS = set(
  'no nos nr nrn num núm nro art arts fig figs vol vols ch chap sec p pp pág págs pag abs kap tel ext apt rm fl bldg min max ' +
    'jan feb mar apr jun jul aug sep sept oct nov dec dez okt janv févr juil mon tue tues wed thu thur thurs fri sat sun ' +
    'rs usd eur approx bus gate ver',
);
/** What may end a sentence as well: only a word that begins sentences tells. */
const MAY_BE_LAST = set(
  'etc jr sr esq inc ltd co corp llc bros dept est ave blvd rd ln ct pl pkwy hwy sq usw usf etc. std min sek tgl mtl str gmbh cie ' +
    'a.m p.m am pm ex',
);
/** Words that begin sentences and no name, as they are written there. */
const BEGINS_SENTENCE = set(
  'The We You I It That This There These Those Is Are Do Does Did Would Could Can Should Shall What Which How When Where ' +
    'Anything Your My Our They He She If And But So Please Thanks Thank Yes Here Just Have For At On In Then Also Sorry Sure ' +
    'Der Die Das Wir Sie Ich Es Ihr Ihre Darf Soll Möchten Haben Kann Können Was Wie Wann Wo Und Aber Ja Nein Danke Bitte Noch ' +
    'Sonst Dann Nous Vous Je Il Elle On Voulez Souhaitez Avez Que Quel Quelle Combien Et Mais Oui Non Merci Les Est ' +
    'El Los Las Nosotros Usted Es Hay Tenemos Quiere Desea Pero Gracias Y Le Puede',
);

const INITIAL = /^\p{L}$/u;
/** "U.S", "a.m", "7a.m", "EE.UU", "Ph.D". */
const DOTTED = /^\d*(?:\p{L}{1,2}\.)+\p{L}{1,2}$/u;
/** "3" of "am 3. Mai", "24.12" of "am 24.12. haben wir"; numbers with more digits are years and prices. */
const ORDINAL = /^\d{1,3}$|^\d{1,2}\.\d{1,2}$/;
const STREET = /\p{L}str$/u;
/** Letters of a following word that are waited for: above the longest of {@link BEGINS_SENTENCE}. */
const WORD_LETTERS = 12;

export type StopVerdict = 'ends' | 'none' | 'wait';

/** The word that a full stop follows, without brackets and quotes before it, in lower case. */
export const bareWord = (word: string): string => word.replace(/^[^\p{L}\p{N}]+/u, '').toLowerCase();

/** Whether a word, written without its last full stop, is never the last of its sentence. */
export const isNeverLast = (word: string): boolean => NEVER_LAST.has(bareWord(word));

/**
 * Says whether one full stop with white space behind it ends its sentence.
 * @param before - The text up to the full stop.
 * @param after - The text from the next character on that is no white space; '' when nothing more comes.
 * @param isEnd - Whether nothing comes behind `after`.
 */
export function judgeStop(before: string, after: string, isEnd: boolean): StopVerdict {
  if (after === '') return isEnd ? 'ends' : 'wait';
  const word = /\S*$/u.exec(before.slice(-80))?.[0] ?? '';
  const bare = bareWord(word);
  if (NEVER_LAST.has(bare) || (INITIAL.test(bare) && !/\p{Lo}{2}/u.test(word))) return 'none';
  if (BEFORE_NUMBERS.has(bare) && /^[\p{N}#]/u.test(after)) return 'none';
  if (/^\p{Ll}/u.test(after)) return 'none';
  if (ORDINAL.test(bare) && word === bare) return isListMark(before, word) ? 'none' : beginsSentence(after, isEnd);
  if (DOTTED.test(bare) || MAY_BE_LAST.has(bare) || STREET.test(bare)) return beginsSentence(after, isEnd);
  return 'ends';
}

/** "1. Latte 2. Mocha": a number where a line or a part begins. */
function isListMark(before: string, word: string): boolean {
  return /(?:^|[\n:;.])\s*$/u.test(before.slice(0, before.length - word.length));
}

function beginsSentence(after: string, isEnd: boolean): StopVerdict {
  if (/^[¿¡]/u.test(after)) return 'ends';
  const word = /^\p{Lu}[\p{L}\p{M}]*/u.exec(after)?.[0] ?? '';
  if (word === '' || word.length > WORD_LETTERS) return 'none';
  if (word.length === after.length && !isEnd) return 'wait';
  return BEGINS_SENTENCE.has(word) && /^[\s'’,]|^$/u.test(after.slice(word.length)) ? 'ends' : 'none';
}
