import type { Log } from './log.ts';

/** A destination of lines with what decides over them. */
export interface RoutedTarget {
  readonly log: Log;
  /** Lines that match go to this target and to no unnamed one (`log-route`); undefined: the target takes what matches nowhere. */
  readonly patterns: readonly RegExp[] | undefined;
  readonly encode: ((text: string) => string) | undefined;
}

/** Sends each line to the targets it belongs to (UWSGI-FACTS 8.6). */
export class LineRouter implements Log {
  readonly #named: readonly RoutedTarget[];
  readonly #unnamed: readonly RoutedTarget[];
  readonly #isShown: (text: string) => boolean;

  constructor(targets: readonly RoutedTarget[], isShown: (text: string) => boolean) {
    this.#named = targets.filter(({ patterns }) => patterns !== undefined);
    this.#unnamed = targets.filter(({ patterns }) => patterns === undefined);
    this.#isShown = isShown;
  }

  line(text: string): void {
    for (const { log, encode } of this.#targetsOf(text)) log.line(encode === undefined ? text : encode(text));
  }

  byteLine(text: string): void {
    for (const { log, encode } of this.#targetsOf(text)) log.byteLine(encode === undefined ? text : encode(text));
  }

  flushSync(): void {
    for (const { log } of this.#all()) log.flushSync();
  }

  reopen(): void {
    for (const { log } of this.#all()) log.reopen();
  }

  rotate(): void {
    for (const { log } of this.#all()) log.rotate();
  }

  async close(): Promise<void> {
    await Promise.all(this.#all().map(({ log }) => log.close()));
  }

  #all(): RoutedTarget[] {
    return [...this.#named, ...this.#unnamed];
  }

  #targetsOf(text: string): readonly RoutedTarget[] {
    if (!this.#isShown(text)) return [];
    const matching = this.#named.filter(({ patterns }) => patterns?.some((pattern) => pattern.test(text)));
    return matching.length > 0 ? matching : this.#unnamed;
  }
}
