/** How long one that has ended is waited for to have its last lines read: others may hold its output open for ever. */
const PATIENCE_MS = 100;

/**
 * Calls `finish` when the last lines of one that has ended have had their time to be read. A busy machine may notice the end of that
 * time before it looks at the pipe: what is in there by then is read first.
 * @returns what calls it off
 */
export function afterPatience(finish: () => void): () => void {
  let turn: NodeJS.Immediate | undefined;
  // Timers come before input, immediates after it.
  const patience = setTimeout(() => (turn = setImmediate(finish)), PATIENCE_MS);
  return () => {
    clearTimeout(patience);
    clearImmediate(turn);
  };
}
