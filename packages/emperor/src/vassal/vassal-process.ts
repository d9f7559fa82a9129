import type { EmperorByte } from '@emperor/protocol';

import type { OutputListener } from './vassal-output.ts';
import type { VassalExit } from './vassal-exit.ts';
import type { VassalWord } from './vassal-event.ts';

/** A running vassal, however this emperor came to it. */
export interface VassalProcess {
  readonly pid: number;
  send(byte: EmperorByte): void;
  terminate(): void;
  /** It and everything below it. */
  kill(): void;
}

export interface VassalProcessListener {
  onWord(word: VassalWord): void;
  /** It says what nobody understands; not listened to any more. */
  onBabble(): void;
  /** Told once, after its last words and lines. */
  onExit(exit: VassalExit): void;
  readonly stdout: OutputListener;
  readonly stderr: OutputListener;
}
