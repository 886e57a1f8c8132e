/** Reads from PromQL what it asks for: as much of the language as our queries use. */

export interface Selector {
  /** With the suffix of a histogram's parts. */
  readonly name: string;
  /** Those that it selects by. */
  readonly labels: readonly string[];
}

const WORDS = new Set(['and', 'or', 'unless', 'bool', 'offset', 'on', 'ignoring', 'by', 'without', 'inf', 'nan']);
const TEXT = /"(?:[^"\\]|\\.)*"/g;
const LABEL_LIST = /\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/g;
const RANGE = /\[[^\]]*\]/g;
/** A word that is neither a part of another one nor a function's name, and what it selects by. */
const NAME = /(?<![\w:$])([a-zA-Z_:][\w:]*)(?![\w:])(?!\s*\()(?:\{([^}]*)\})?/g;

/** Every series that an expression asks for, in its order. */
export function selectorsOf(expr: string): Selector[] {
  const bare = expr.replaceAll(TEXT, '""').replaceAll(LABEL_LIST, ' ').replaceAll(RANGE, ' ');
  return [...bare.matchAll(NAME)].flatMap(([, name = '', matchers = '']) =>
    WORDS.has(name.toLowerCase())
      ? []
      : [{ name, labels: [...matchers.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, label = '']) => label) }],
  );
}

/** Grafana's variables in a text, such as `$region` or `${region}`; those of its own begin with `__`. */
export function variablesOf(text: string): string[] {
  return [...text.matchAll(/\$(?:\{(\w+)[^}]*\}|(\w+))/g)].map(([, braced, plain]) => braced ?? plain ?? '');
}

/** Labels that a legend such as `{{provider}} P50` writes out. */
export function legendLabels(legend: string): string[] {
  return [...legend.matchAll(/\{\{\s*(\w+)\s*\}\}/g)].map(([, label = '']) => label);
}
