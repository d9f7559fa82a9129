/** The last lines of something, oldest first. */
export class LineTail {
  readonly #limit: number;
  readonly #lines: string[] = [];
  #sinceMark = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  push(line: string): void {
    this.#lines.push(line);
    this.#sinceMark += 1;
    if (this.#lines.length > this.#limit) this.#lines.shift();
  }

  /** What comes from here on is a chapter of its own. */
  mark(): void {
    this.#sinceMark = 0;
  }

  /** Of the last chapter. */
  get linesSinceMark(): readonly string[] {
    return this.#sinceMark === 0 ? [] : this.#lines.slice(-this.#sinceMark);
  }

  get lines(): readonly string[] {
    return [...this.#lines];
  }
}
