import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const FOLDER = fileURLToPath(new URL('../../../../local-providers/offline/recogniser', import.meta.url));
const PROGRAM = `import json, sys
sys.path.insert(0, sys.argv[1])
from opinions import agree
free, strict = json.load(sys.stdin)
print(json.dumps(agree([tuple(w) for w in free], [tuple(w) for w in strict], True)))`;

/** What the child makes of what its two searches heard; every word fits the sound well. */
function agree(free: string, strict: string): { readonly text: string; readonly confidence: number } {
  const timed = (text: string) => text.split(' ').map((word, at) => [word, at * 200, at * 200 + 200, -2]);
  const input = JSON.stringify([timed(free), timed(strict)]);
  const output = execFileSync(process.env.PYTHON ?? 'python3', ['-c', PROGRAM, FOLDER], { input, encoding: 'utf8' });
  const words: { word: string; confidence: number }[] = JSON.parse(output);
  return {
    text: words.map(({ word }) => word).join(' '),
    confidence: Math.min(...words.map(({ confidence }) => confidence)),
  };
}

describe('two opinions of a sentence', () => {
  it('are trusted where they agree', () => {
    const { text, confidence } = agree('get me a small latte', 'get me a small latte');
    expect(text).toBe('get me a small latte');
    expect(confidence).toBeGreaterThan(0.9);
  });

  it('are asked about where they differ in what was wanted, and not where they differ in an article', () => {
    expect(agree('get me a small latte', 'get me a large latte').confidence).toBeLessThan(0.8);
    expect(agree('get me a small latte', 'get me an small latte').confidence).toBeGreaterThan(0.8);
    expect(agree('can i get a small latte', 'can i have a small latte').confidence).toBeGreaterThan(0.8);
  });

  it('ask about one where a number was heard without its plural', () => {
    const { text, confidence } = agree('can i get two large latte', 'can i get two large lattes');
    expect(text).toBe('can i get a large latte');
    expect(confidence).toBeLessThan(0.8);
  });

  it('leave a number with its plural, and one that no stop comes before, as they are', () => {
    expect(agree('can i get two large lattes', 'can i get two large lattes')).toMatchObject({
      text: 'can i get two large lattes',
    });
    expect(agree('could i have two small latte', 'could i have two small lattes').text).toContain('two');
  });
});
