/** What the agent says in words of its own, by language: few enough to be synthesised once. */
import type { OpeningTable } from '../turn/opening.js';
import { primaryLanguage } from './phrase.js';

export interface Wording {
  /** Said where no answer can be had. */
  readonly apology: string;
  /** Said to speech without words, and said to it again. */
  readonly missed: string;
  readonly missedAgain: string;
  /** Said when what was understood has just been denied. */
  readonly misheard: string;
  readonly fillers: {
    /** While a tool is slow. */
    readonly tool: readonly string[];
    /** While the answer's first words are late: three at least that are over in less than a second, for they hold it up. */
    readonly late: readonly string[];
  };
  /** At least three a kind: the last two of a call are not used again. */
  readonly openings: OpeningTable;
}

const ENGLISH: Wording = {
  apology: 'Sorry, I am having trouble right now. Could you say that again?',
  missed: "Sorry, I didn't catch that. Could you say it again?",
  missedAgain: "Sorry, I still didn't get that. You can also type it, if that is easier.",
  misheard: 'Sorry. Please say it again.',
  fillers: {
    tool: ['One moment, let me check.', 'Let me look that up.', "Just a moment, I'm checking."],
    late: ['Just a second.', 'One moment.', 'One second.', 'One moment, please.', 'Bear with me for a second.'],
  },
  openings: {
    request: ['Sure,', 'Okay,', 'Alright,'],
    question: ['Let me see,', "Let's see,", 'Well,'],
    neutral: ['Okay,', 'So,', 'Right,'],
  },
};

/** By the first part of a BCP 47 tag. */
const WORDINGS: Readonly<Record<string, Wording>> = {
  en: ENGLISH,
  de: {
    apology: 'Entschuldigung, ich habe gerade Schwierigkeiten. Könnten Sie das noch einmal sagen?',
    missed: 'Entschuldigung, das habe ich nicht verstanden. Könnten Sie es noch einmal sagen?',
    missedAgain: 'Leider habe ich das wieder nicht verstanden. Sie können es auch eintippen, wenn das leichter ist.',
    misheard: 'Entschuldigung. Bitte sagen Sie es noch einmal.',
    fillers: {
      tool: ['Einen Moment, ich sehe nach.', 'Ich schaue kurz nach.', 'Einen Augenblick, das prüfe ich.'],
      late: ['Einen Moment.', 'Eine Sekunde.', 'Moment bitte.', 'Einen kleinen Augenblick noch.'],
    },
    openings: {
      request: ['Gerne,', 'Okay,', 'Alles klar,'],
      question: ['Mal sehen,', 'Schauen wir mal,', 'Also,'],
      neutral: ['Okay,', 'Also,', 'Gut,'],
    },
  },
  es: {
    apology: 'Lo siento, ahora mismo tengo problemas. ¿Podría repetirlo?',
    missed: 'Perdone, no le he entendido. ¿Podría repetirlo?',
    missedAgain: 'Lo siento, sigo sin entenderle. También puede escribirlo, si le resulta más fácil.',
    misheard: 'Perdone. Dígalo otra vez, por favor.',
    fillers: {
      tool: ['Un momento, lo compruebo.', 'Déjeme mirarlo.', 'Un instante, lo estoy consultando.'],
      late: ['Un segundo.', 'Un momento.', 'Un instante.', 'Deme un segundo, por favor.'],
    },
    openings: {
      request: ['Claro,', 'De acuerdo,', 'Muy bien,'],
      question: ['A ver,', 'Veamos,', 'Bueno,'],
      neutral: ['Bueno,', 'Pues,', 'Bien,'],
    },
  },
  fr: {
    apology: "Désolé, j'ai un problème en ce moment. Pourriez-vous répéter ?",
    missed: "Pardon, je n'ai pas compris. Pourriez-vous répéter ?",
    missedAgain: "Désolé, je n'ai toujours pas compris. Vous pouvez aussi l'écrire, si c'est plus simple.",
    misheard: "Pardon. Dites-le encore une fois, s'il vous plaît.",
    fillers: {
      tool: ['Un instant, je vérifie.', 'Je regarde tout de suite.', 'Un moment, je consulte.'],
      late: ['Une seconde.', 'Un instant.', 'Un moment.', "Un instant, s'il vous plaît."],
    },
    openings: {
      request: ['Bien sûr,', "D'accord,", 'Très bien,'],
      question: ['Voyons,', 'Voyons voir,', 'Alors,'],
      neutral: ['Alors,', 'Bon,', 'Eh bien,'],
    },
  },
};

/**
 * The wording for an assistant.
 * @param language - BCP 47 tag; English where there is none for it.
 */
export function wordingFor(language: string): Wording {
  const primary = primaryLanguage(language);
  return Object.hasOwn(WORDINGS, primary) ? (WORDINGS[primary] ?? ENGLISH) : ENGLISH;
}

/**
 * All texts to have ready, each once, the most urgent first.
 * @param own - The assistant's own, above all its greeting.
 */
export function textsToPrepare(wording: Wording, own: readonly string[]): string[] {
  const { apology, missed, missedAgain, misheard, fillers, openings } = wording;
  return [
    ...new Set([
      ...own,
      ...[...openings.request, ...openings.question, ...openings.neutral],
      ...[apology, missed, misheard, missedAgain],
      ...[...fillers.late, ...fillers.tool],
    ]),
  ];
}

/**
 * Chooses what to say, never the same twice in a row.
 * @param available - What can be said now, in order of preference.
 * @param recent - What was said of it before, the latest last.
 * @returns The first that was not said yet, else what was said longest ago; `undefined` when there is but what was just said.
 */
export function chooseFiller(available: readonly string[], recent: readonly string[]): string | undefined {
  const candidates = available.filter((text) => text !== recent.at(-1));
  return candidates.reduce<string | undefined>(
    (best, text) => (best === undefined || recent.lastIndexOf(text) < recent.lastIndexOf(best) ? text : best),
    undefined,
  );
}
