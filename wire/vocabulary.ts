/**
 * What an assistant's callers are likely to say, as a file: written by the build from `agent/assistant.ts`, read by the
 * offline recogniser, which makes its language model from it.
 */
import { z } from 'zod';

/** One word or several, lower case as spoken: `iced coffee`, `twelve ounce`. May hold `{slot}` and `[optional]` parts. */
const Template = z.string().min(1).max(500);

export const Vocabulary = z.strictObject({
  schema: z.literal(1),
  /** BCP 47 tag of the language the templates are in. */
  language: z.string().min(2).max(35),
  /** Named lists of alternatives; a template refers to one as `{name}`. */
  slots: z.record(z.string().regex(/^[a-z][a-zA-Z0-9]*$/), z.array(Template).min(1).max(5_000)),
  /** Sentences callers say. `weight` is relative (default 1): how often one sentence form is expected beside the others. */
  phrases: z
    .array(z.strictObject({ text: Template, weight: z.number().positive().optional() }))
    .min(1)
    .max(10_000),
  /** ARPAbet pronunciations of words that the CMU dictionary lacks or says differently; several are alternatives. */
  pronunciations: z.record(z.string(), z.array(z.string().min(1)).min(1)),
  /** A few complete sentences, shown to people as things to try. */
  examples: z.array(z.string().min(1).max(120)).max(20),
});
export type Vocabulary = z.infer<typeof Vocabulary>;
