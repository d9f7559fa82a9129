import { VassalByte } from '@emperor/protocol';

import type { VassalWord } from './vassal-event.ts';

const WORDS: Readonly<Record<number, VassalWord>> = {
  [VassalByte.spawned]: 'spawned',
  [VassalByte.accepting]: 'accepting',
  [VassalByte.loyal]: 'loyal',
  [VassalByte.stopMe]: 'stop-me',
  [VassalByte.reloadRefused]: 'reload-refused',
  [VassalByte.heartbeat]: 'heartbeat',
};

/** Bytes without meaning that are put up with: newer uWSGIs may have words we do not know. */
const BABBLE_LIMIT = 1000;

/** Understands what one vassal says on the emperor socket (UWSGI-FACTS 13.11). */
export class EmperorWords {
  #babble = 0;

  /** The words in these bytes, in order. */
  hear(bytes: Uint8Array): VassalWord[] {
    const words: VassalWord[] = [];
    for (const byte of bytes) {
      const word = WORDS[byte];
      if (word === undefined) this.#babble += 1;
      else words.push(word);
    }
    return words;
  }

  /** It has said so much nonsense that it is not worth listening to any more. */
  get isBabbling(): boolean {
    return this.#babble > BABBLE_LIMIT;
  }
}
