import { Buffer } from 'node:buffer';
import { Socket } from 'node:net';

import { EmperorByte, OUTLIVES_VARIABLE, VassalByte } from '@emperor/protocol';

/** What an emperor can ask of us. */
export interface EmperorOrders {
  stop(): void;
  reload(): void;
  /** The emperor is gone. */
  lost(): void;
}

/** Whether we are to go on without our emperor until another one comes (DESIGN 2). */
export function outlivesEmperor(environment: NodeJS.ProcessEnv): boolean {
  return environment[OUTLIVES_VARIABLE] === '1';
}

/** Our end of the emperor protocol (UWSGI-FACTS 13.11): with our emperor or with a real uWSGI's. */
export class EmperorLink {
  readonly descriptor: number;
  /** Hears everything the emperor is told, whether it is there or not. */
  onTold: ((byte: VassalByte) => void) | undefined;
  readonly #socket: Socket;
  #spawned = false;
  #accepting = false;
  #loyal = false;

  /** @returns undefined when no emperor started this process */
  static fromEnvironment(
    environment: NodeJS.ProcessEnv,
    orders: EmperorOrders,
    log: (line: string) => void,
  ): EmperorLink | undefined {
    const text = environment['UWSGI_EMPEROR_FD'];
    if (text === undefined || !/^\d+$/.test(text)) return undefined;
    return new EmperorLink(Number(text), orders, log);
  }

  constructor(descriptor: number, orders: EmperorOrders, log: (line: string) => void) {
    this.descriptor = descriptor;
    this.#socket = new Socket({ fd: descriptor, readable: true, writable: true });
    this.#socket.on('data', (bytes) => {
      for (const byte of Buffer.from(bytes)) {
        log(`received message ${byte} from emperor`);
        if (byte === EmperorByte.stop || byte === EmperorByte.gracefulStop) orders.stop();
        else if (byte === EmperorByte.reload) orders.reload();
      }
    });
    this.#socket.on('error', () => {});
    this.#socket.on('close', () => orders.lost());
  }

  /** What holds at the moment, for an emperor that comes later. */
  get said(): VassalByte[] {
    const said: VassalByte[] = [];
    if (this.#spawned) said.push(VassalByte.spawned);
    if (this.#accepting) said.push(VassalByte.accepting);
    if (this.#loyal) said.push(VassalByte.loyal);
    return said;
  }

  /** The instance is up. */
  spawned(): void {
    this.#spawned = true;
    this.#tell(VassalByte.spawned);
  }

  /** Requests are accepted. */
  accepting(): void {
    if (this.#accepting) return;
    this.#accepting = true;
    this.#tell(VassalByte.accepting);
  }

  /** The first request has been answered. @returns true the first time */
  loyal(): boolean {
    if (this.#loyal) return false;
    this.#loyal = true;
    this.#tell(VassalByte.loyal);
    return true;
  }

  /** A new generation accepts requests; its loyalty is yet to be shown. */
  reloaded(): void {
    this.#loyal = false;
    this.#accepting = true;
    this.#tell(VassalByte.accepting);
  }

  /** The new configuration was refused, the old generation goes on. */
  reloadRefused(): void {
    this.#tell(VassalByte.reloadRefused);
  }

  heartbeat(): void {
    this.#tell(VassalByte.heartbeat);
  }

  /** There is more to do than can be done. */
  overloaded(): void {
    this.#tell(VassalByte.overloaded);
  }

  /** Lets go of the emperor without telling `lost`. */
  close(): void {
    this.#socket.removeAllListeners('close');
    this.#socket.destroy();
  }

  #tell(byte: VassalByte): void {
    this.onTold?.(byte);
    if (!this.#socket.destroyed) this.#socket.write(Buffer.of(byte));
  }
}
