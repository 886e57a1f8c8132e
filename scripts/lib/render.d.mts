export function renderLine(line: string): string;
export function prefixes(names: readonly string[], colour: boolean): Map<string, string>;
