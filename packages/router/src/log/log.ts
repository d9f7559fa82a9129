/** Where lines go. Taking a line never waits for the target: lines are kept in bounded memory and written in batches. */
export interface Log {
  /** One line, without its line break; written as UTF-8. */
  line(text: string): void;
  /** One line whose characters are bytes (latin-1), such as one that quotes a raw URI; written byte for byte. */
  byteLine(text: string): void;
  /** Writes everything taken so far before it returns: for the moments before the process ends. */
  flushSync(): void;
  /** Opens the target anew, such as a file that was moved away by logrotate. */
  reopen(): void;
  /** Moves the present file away and goes on in a new one, where the target is a file. */
  rotate(): void;
  /** Writes what was taken, then closes the target. Lines that come later are lost. */
  close(): Promise<void>;
}
