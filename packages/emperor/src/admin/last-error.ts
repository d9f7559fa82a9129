/** How a line looks that says what went wrong: the end of a traceback, a complaint of a compiler or a system call. */
const TELLING =
  /^(?:[\w.]+(?:Error|Exception|Exit|Interrupt)\b|.*\b(?:error|cannot|could not|failed|refused|denied|missing)\b)/i;

/** The line of its output that most likely says why a vassal failed: the last telling one, else the last. */
export function lastErrorOf(lines: readonly string[]): string | undefined {
  const written = lines.filter((line) => line.trim() !== '');
  return (
    written.findLast((line) => /^[\w.]+(?:Error|Exception)\b/.test(line)) ??
    written.findLast((line) => TELLING.test(line)) ??
    written.at(-1)
  )?.trim();
}
