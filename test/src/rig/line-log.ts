import { within } from './until.ts';

interface Waiter {
  readonly pattern: RegExp;
  readonly found: (match: RegExpExecArray) => void;
  readonly failed: (error: Error) => void;
}

/** The lines a program wrote, in the order they arrived, and those who wait for one. */
export class LineLog {
  readonly lines: string[] = [];
  readonly #waiters = new Set<Waiter>();
  readonly #partial = new Map<string, string>();
  #ended: string | undefined;

  /** @param source output is cut into lines for each source by itself, so that stdout and stderr do not mix within a line */
  write(source: string, text: string): void {
    const parts = ((this.#partial.get(source) ?? '') + text).split('\n');
    this.#partial.set(source, parts.pop() ?? '');
    for (const line of parts) this.#add(line);
  }

  /** Nothing more will come: whoever still waits is told. */
  end(reason: string): void {
    for (const rest of this.#partial.values()) if (rest !== '') this.#add(rest);
    this.#partial.clear();
    this.#ended = reason;
    for (const waiter of this.#waiters) waiter.failed(this.#inVain(waiter.pattern, reason));
    this.#waiters.clear();
  }

  /** The place in the log where the next line goes: `waitFor(pattern, mark)` looks only at what comes after it. */
  mark(): number {
    return this.lines.length;
  }

  /** The first match from `mark` on, without waiting. */
  find(pattern: RegExp, mark: number = 0): RegExpExecArray | undefined {
    return this.all(pattern, mark)[0];
  }

  all(pattern: RegExp, mark: number = 0): RegExpExecArray[] {
    const matches: RegExpExecArray[] = [];
    for (const line of this.lines.slice(mark)) {
      const match = pattern.exec(line);
      if (match !== null) matches.push(match);
    }
    return matches;
  }

  /** The first line from `mark` on that matches, which may already be there. Fails as soon as the program has ended without it. */
  async waitFor(pattern: RegExp, mark: number, withinMs: number): Promise<RegExpExecArray> {
    const present = this.find(pattern, mark);
    if (present !== undefined) return present;
    if (this.#ended !== undefined) throw this.#inVain(pattern, this.#ended);
    const { promise, resolve, reject } = Promise.withResolvers<RegExpExecArray>();
    const waiter: Waiter = { pattern, found: resolve, failed: reject };
    this.#waiters.add(waiter);
    try {
      return await within(withinMs, `the log line ${String(pattern)}; the log so far:\n${this.tail()}\n`, promise);
    } finally {
      this.#waiters.delete(waiter);
    }
  }

  tail(count: number = 10): string {
    return this.lines
      .slice(-count)
      .map((line) => `    | ${line}`)
      .join('\n');
  }

  #add(line: string): void {
    this.lines.push(line);
    for (const waiter of this.#waiters) {
      const match = waiter.pattern.exec(line);
      if (match === null) continue;
      this.#waiters.delete(waiter);
      waiter.found(match);
    }
  }

  #inVain(pattern: RegExp, reason: string): Error {
    return new Error(`${reason} without the log line ${String(pattern)}; its last lines:\n${this.tail()}`);
  }
}
