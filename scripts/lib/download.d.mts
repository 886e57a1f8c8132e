export function fetchText(url: string, headers?: Record<string, string>): Promise<string>;
export function download(
  url: string,
  options: { path: string; sha256: string; label: string; say?: (text: string) => void },
): Promise<void>;
