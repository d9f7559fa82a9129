import { VassalByte } from '@emperor/protocol';

import type { VassalWord } from './vassal-event.ts';

const WORDS: Readonly<Record<number, VassalWord>> = {
  [VassalByte.spawned]: 'spawned',
  [VassalByte.accepting]: 'accepting',
  [VassalByte.loyal]: 'loyal',
  [VassalByte.stopMe]: 'stop-me',
  [VassalByte.reloadRefused]: 'reload-refused',
  [VassalByte.heartbeat]: 'heartbeat',
  [VassalByte.overloaded]: 'overloaded',
};

/** Bytes without meaning that are put up with: newer uWSGIs may have words we do not know. */
const BABBLE_LIMIT = 1000;

/** Words that may come at once, and then so many a second: each is a change of state, a line in the log. */
const WORD_BUDGET = { burst: 200, perSecond: 20 } as const;

/** Understands what one vassal says on the emperor socket (UWSGI-FACTS 13.11). */
export class EmperorWords {
  readonly #now: () => number;
  #babble = 0;
  #tokens: number = WORD_BUDGET.burst;
  #refilledAt: number;

  /** `now` in milliseconds. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#refilledAt = now();
  }

  /** The words in these bytes, in order. */
  hear(bytes: Uint8Array): VassalWord[] {
    this.#refill();
    const words: VassalWord[] = [];
    for (const byte of bytes) {
      const word = WORDS[byte];
      if (word === undefined || this.#tokens < 1) this.#babble += 1;
      else {
        this.#tokens -= 1;
        words.push(word);
      }
    }
    return words;
  }

  #refill(): void {
    const now = this.#now();
    const earned = ((now - this.#refilledAt) / 1000) * WORD_BUDGET.perSecond;
    this.#tokens = Math.min(WORD_BUDGET.burst, this.#tokens + earned);
    this.#refilledAt = now;
  }

  /** It has said so much nonsense that it is not worth listening to any more. */
  get isBabbling(): boolean {
    return this.#babble > BABBLE_LIMIT;
  }
}
