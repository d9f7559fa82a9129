/** A line as it may be shown on a terminal: control characters, terminal escapes among them, made visible. */
export function harmless(line: string): string {
  return line
    .replace(/\r$/, '')
    .replaceAll(/(?!\t)\p{Cc}/gu, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
