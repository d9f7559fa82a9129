import { connect, type Socket } from 'node:net';
import { constants } from 'node:os';

import { reapChild, type ChildEnd } from '@emperor/posix';
import { EmperorByte, type ControlNews, type ControlRequest, type ControlRequestName } from '@emperor/protocol';

import { EmperorWords } from '../vassal/emperor-words.ts';
import { killTree, signalProcess } from '../vassal/process-tree.ts';
import type { VassalExit } from '../vassal/vassal-exit.ts';
import { afterPatience } from '../vassal/last-lines.ts';
import { VassalOutput } from '../vassal/vassal-output.ts';
import type { VassalProcess, VassalProcessListener } from '../vassal/vassal-process.ts';
import { LonelyLines } from './lonely-lines.ts';
import { isAlive, type ProcessIdentity } from './process-identity.ts';

/** One that still starts has no control socket yet, one that ends has none any more: its process tells which. */
const RETRY_MS = 50;

/** A process without a control socket for so long is none of ours any more: it cannot be asked to stop either. */
const SILENCE_LIMIT_MS = 10_000;

/** Its news are short; more without a line break is garbage. */
const LINE_LIMIT = 4096;

const REQUEST_OF: Readonly<Record<EmperorByte, ControlRequestName>> = {
  [EmperorByte.stop]: 'stop',
  [EmperorByte.gracefulStop]: 'stop',
  [EmperorByte.reload]: 'reload',
};

/**
 * A vassal that a former emperor started. It is not our child: its control socket tells what it would tell its emperor, takes
 * orders, and with its end tells its death (DESIGN 2).
 */
export class AdoptedVassal implements VassalProcess {
  readonly pid: number;
  /** Ends when it has told how it is, or is found dead. */
  readonly answered: Promise<void>;
  readonly #identity: ProcessIdentity;
  readonly #socketPath: string;
  readonly #listener: VassalProcessListener;
  readonly #bury: typeof reapChild;
  readonly #words = new EmperorWords();
  #answer: () => void = () => undefined;
  #socket: Socket | undefined;
  #output: Socket | undefined;
  #silentSince: number | undefined;
  #endCode: number | undefined;

  /** `bury` tells how a child of this process has ended that Node knows nothing of. */
  constructor(
    identity: ProcessIdentity,
    socketPath: string,
    listener: VassalProcessListener,
    bury: typeof reapChild = reapChild,
  ) {
    this.#bury = bury;
    this.pid = identity.pid;
    this.#identity = identity;
    this.#socketPath = socketPath;
    this.#listener = listener;
    this.answered = new Promise((resolve) => (this.#answer = resolve));
    this.#subscribe();
  }

  send(byte: EmperorByte): void {
    if (this.#socket?.writable === true) request(this.#socket, REQUEST_OF[byte]);
  }

  terminate(): void {
    if (isAlive(this.#identity)) signalProcess(this.pid, 'SIGTERM');
  }

  kill(): void {
    if (isAlive(this.#identity)) killTree(this.pid);
  }

  #subscribe(): void {
    const socket = connect(this.#socketPath);
    socket.setEncoding('utf8');
    socket.once('connect', () => {
      this.#socket = socket;
      this.#silentSince = undefined;
      request(socket, 'subscribe');
      this.#readOutput();
    });
    let text = '';
    socket.on('data', (chunk) => {
      const lines = (text + chunk.toString()).split('\n');
      text = lines.pop() ?? '';
      for (const line of lines) this.#hear(line);
      if (text.length > LINE_LIMIT) socket.destroy();
    });
    // What there is to know about it, `close` tells.
    socket.on('error', () => undefined);
    socket.once('close', () => this.#lost());
  }

  #readOutput(): void {
    if (this.#output !== undefined) return;
    const output = connect(this.#socketPath);
    this.#output = output;
    const lines = new VassalOutput(this.#listener.stderr, () => performance.now());
    const lonely = new LonelyLines(this.#socketPath);
    output.once('connect', () => {
      lines.push(lonely.take());
      request(output, 'output');
    });
    // What it wrote before it heard of us.
    output.once('data', () => lines.push(lonely.take()));
    output.once('close', () => (this.#output = undefined));
    lines.read(output);
  }

  #hear(line: string): void {
    const news = readNews(line);
    if (news === undefined) return;
    if ('ended' in news) this.#endCode = news.ended;
    else for (const word of this.#words.hear(Uint8Array.from(news.said))) this.#listener.onWord(word);
    this.#answer();
  }

  /** It is ending, or not ready to talk yet, or broken. */
  #lost(): void {
    this.#socket = undefined;
    const now = performance.now();
    this.#silentSince ??= now;
    if (!isAlive(this.#identity)) {
      const end = this.#bury(this.pid);
      // Its first thread is a zombie before the last one has ended: how it ends is known after that.
      if (end !== 'running') return this.#finish(exitOf(end) ?? this.#toldExit());
    }
    if (now - this.#silentSince > SILENCE_LIMIT_MS) this.kill();
    setTimeout(() => this.#subscribe(), RETRY_MS);
  }

  #toldExit(): VassalExit {
    return this.#endCode === undefined ? { kind: 'unseen' } : { kind: 'code', code: this.#endCode };
  }

  #finish(exit: VassalExit): void {
    this.#answer();
    afterLastLines(this.#output, () => this.#listener.onExit(exit));
  }
}

/** Of one that is our child all the same: the emperor before was another program in this process (`emperor upgrade`). */
function exitOf(end: ChildEnd | undefined): VassalExit | undefined {
  if (end === undefined) return undefined;
  return 'code' in end ? { kind: 'code', code: end.code } : { kind: 'signal', signal: signalName(end.signal) };
}

function signalName(number: number): string {
  return Object.entries(constants.signals).find(([, value]) => value === number)?.[0] ?? `signal ${number}`;
}

/** What it started may hold its output open for ever. */
function afterLastLines(output: Socket | undefined, tell: () => void): void {
  if (output === undefined) return tell();
  const callOff = afterPatience(() => output.destroy());
  output.once('close', () => {
    callOff();
    tell();
  });
}

function request(socket: Socket, name: ControlRequestName): void {
  socket.write(`${JSON.stringify({ request: name } satisfies ControlRequest)}\n`);
}

/** Undefined for an answer to a request, and for anything else that is no news. */
function readNews(line: string): ControlNews | undefined {
  try {
    const news = JSON.parse(line) as Partial<{ said: unknown; ended: unknown }>;
    if (typeof news.ended === 'number') return { ended: news.ended };
    return Array.isArray(news.said) ? { said: news.said.filter((byte) => typeof byte === 'number') } : undefined;
  } catch {
    return undefined;
  }
}
