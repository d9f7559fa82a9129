/** The last lines of something, oldest first. */
export class LineTail {
  readonly #limit: number;
  readonly #lines: string[] = [];
  #sinceMark = 0;
  #beforeMark = 0;

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
    this.#beforeMark = this.#sinceMark;
    this.#sinceMark = 0;
  }

  /** Of the last chapter. */
  get linesSinceMark(): readonly string[] {
    return this.#sinceMark === 0 ? [] : this.#lines.slice(-this.#sinceMark);
  }

  /** Of the chapter before that, as far as they are kept. */
  get linesBeforeMark(): readonly string[] {
    const before = this.#lines.slice(0, Math.max(0, this.#lines.length - this.#sinceMark));
    return this.#beforeMark === 0 ? [] : before.slice(-this.#beforeMark);
  }

  get lines(): readonly string[] {
    return [...this.#lines];
  }
}
