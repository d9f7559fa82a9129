import { StringDecoder } from 'node:string_decoder';

import { closeDescriptor, createSocketPair } from '@emperor/posix';
import type { Stream, StreamHandler, Transport } from '@emperor/transport';

const STDERR = 2;

/** Where the Python processes write: straight to stderr when that is the log, else through us, line by line. */
export interface PythonOutput {
  readonly descriptor: number;
  /** To be called when no more processes will be started with it; those that run keep theirs. */
  close(): void;
}

/** Output beyond this without a line break is cut into lines. */
const MAX_LINE_LENGTH = 65_536;

/** Cuts what a program writes into lines. */
export class LineReader implements StreamHandler {
  readonly #decoder = new StringDecoder('utf8');
  readonly #line: (text: string) => void;
  #stream: Stream | undefined;
  #rest = '';

  constructor(line: (text: string) => void) {
    this.#line = line;
  }

  attach(stream: Stream): void {
    this.#stream = stream;
  }

  onData(chunk: Buffer): void {
    const lines = (this.#rest + this.#decoder.write(chunk)).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#line(line);
    if (this.#rest.length > MAX_LINE_LENGTH) this.#flush();
  }

  onEnd(): void {
    this.#flush();
    this.#stream?.end();
  }

  onDrain(): void {}

  onClose(): void {
    this.#flush();
  }

  #flush(): void {
    if (this.#rest !== '') this.#line(this.#rest);
    this.#rest = '';
  }
}

/** @param toLog false when stderr is the log: then nothing has to pass through this process */
export function openPythonOutput(transport: Transport, toLog: boolean, line: (text: string) => void): PythonOutput {
  if (!toLog) return { descriptor: STDERR, close: () => {} };
  const [ours, theirs] = createSocketPair();
  const reader = new LineReader(line);
  reader.attach(transport.adopt(ours, reader));
  return { descriptor: theirs, close: () => closeDescriptor(theirs) };
}
