/** As much of YAML as our files need: mappings and lists of texts, numbers and booleans, in a form people read. */

export type Yaml = string | number | boolean | readonly Yaml[] | { readonly [key: string]: Yaml | undefined };

/** Texts that are themselves in YAML; whatever else might be read as something other than text is quoted. */
const PLAIN = /^(\d+[smhd]|[A-Za-z][A-Za-z0-9 _./()-]*)$/;
const RESERVED = /^(true|false|null|yes|no|on|off|y|n)$/i;

/** A document that begins with the given comment. */
export function toYaml(value: Yaml, comment: string): string {
  const lines = comment.split('\n').map((line) => `# ${line}`);
  return `${lines.join('\n')}\n${render(value, 0)}\n`;
}

function render(value: Yaml, depth: number): string {
  const indent = '  '.repeat(depth);
  if (isList(value)) return value.map((item) => `${indent}- ${render(item, depth + 1).trimStart()}`).join('\n');
  if (typeof value !== 'object') return `${indent}${scalar(value)}`;
  return Object.entries(value)
    .flatMap(([key, item]) => (item === undefined ? [] : [`${indent}${scalar(key)}:${renderItem(item, depth)}`]))
    .join('\n');
}

function renderItem(item: Yaml, depth: number): string {
  if (typeof item !== 'object') return ` ${scalar(item)}`;
  if (isList(item) ? item.length === 0 : Object.keys(item).length === 0) return isList(item) ? ' []' : ' {}';
  return `\n${render(item, depth + 1)}`;
}

function scalar(value: string | number | boolean): string {
  if (typeof value !== 'string') return String(value);
  if (PLAIN.test(value) && !RESERVED.test(value) && !value.endsWith(' ')) return value;
  // A text in single quotes needs no escapes but for the quote itself.
  return /[\n\t]/.test(value) ? JSON.stringify(value) : `'${value.replaceAll("'", "''")}'`;
}

function isList(value: Yaml): value is readonly Yaml[] {
  return Array.isArray(value);
}
