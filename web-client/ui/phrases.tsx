interface Props {
  readonly phrases: readonly string[];
  readonly open: boolean;
  readonly onChoose: (phrase: string) => void;
}

/** Sentences the listening engine understands: to say, or to put into the text box. */
export function Phrases({ phrases, open, onChoose }: Props) {
  if (phrases.length === 0) return null;
  return (
    <details className="phrases" open={open}>
      <summary>Things to say</summary>
      <ul>
        {phrases.map((phrase) => (
          <li key={phrase}>
            <button type="button" onClick={() => onChoose(phrase)}>
              {phrase}
            </button>
          </li>
        ))}
      </ul>
    </details>
  );
}
