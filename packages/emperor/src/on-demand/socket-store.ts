import { createHash } from 'node:crypto';

import { parseAddress } from '@emperor/config';
import { boundPath, localTcpName, setInheritable, setNonBlocking } from '@emperor/posix';

import { HeldSocket } from './held-socket.ts';

/** A listening socket that this process was started with. */
export interface InheritedSocket {
  readonly descriptor: number;
  /** The name we once gave it; any other, or none, when it comes from elsewhere. */
  readonly name: string;
}

/** Keeps copies of sockets for a later emperor. */
export interface SocketKeeper {
  keep(name: string, descriptor: number): void;
  forget(name: string): void;
}

/**
 * The sockets that are held for vassals, and those that could be: an emperor gets them from the one before, from systemd, or from
 * a vassal that has outlived its emperor. What is found is not opened anew, so that nobody's connection is refused.
 */
export class SocketStore {
  readonly #keeper: SocketKeeper | undefined;
  readonly #inherited: InheritedSocket[];
  readonly #held = new Map<string, HeldSocket>();

  constructor(inherited: readonly InheritedSocket[] = [], keeper?: SocketKeeper) {
    this.#inherited = [...inherited];
    this.#keeper = keeper;
    for (const { descriptor } of inherited) {
      setInheritable(descriptor, false);
      setNonBlocking(descriptor);
    }
  }

  /** Those that are held, to be handed on. */
  get all(): readonly InheritedSocket[] {
    const held = [...this.#held.values()].map(({ address, descriptor }) => ({ name: storeName(address), descriptor }));
    return [...held, ...this.#inherited];
  }

  /** @throws Error with a sentence */
  open(address: string): HeldSocket {
    if (this.#held.has(address)) throw new Error(`could not listen on "${address}": it is held for another vassal`);
    return this.find(address) ?? this.#hold(HeldSocket.open(address));
  }

  /** Takes it from those this emperor was started with; undefined when it is not among them. */
  find(address: string): HeldSocket | undefined {
    const index = this.#inherited.findIndex((each) => isFor(each, address));
    const [found] = index === -1 ? [] : this.#inherited.splice(index, 1);
    return found === undefined ? undefined : this.#hold(HeldSocket.found(address, found.descriptor));
  }

  /** Takes one that somebody else had open. */
  take(address: string, descriptor: number): HeldSocket {
    return this.#hold(HeldSocket.found(address, descriptor));
  }

  /** Nobody will serve it any more. */
  close(socket: HeldSocket): void {
    this.#held.delete(socket.address);
    this.#keeper?.forget(storeName(socket.address));
    socket.close();
  }

  #hold(socket: HeldSocket): HeldSocket {
    this.#held.set(socket.address, socket);
    this.#keeper?.keep(storeName(socket.address), socket.descriptor);
    return socket;
  }
}

/** Of an address as the vassal's file has it. systemd allows 255 printable characters without a colon. */
function storeName(address: string): string {
  return `held-${createHash('sha256').update(address).digest('hex').slice(0, 16)}`;
}

function isFor({ name, descriptor }: InheritedSocket, address: string): boolean {
  return name === storeName(address) || isBoundTo(descriptor, address);
}

const EVERY_ADDRESS: ReadonlySet<string> = new Set(['', '*', '0.0.0.0', '::']);

function isBoundTo(descriptor: number, text: string): boolean {
  const address = parseAddress(text);
  if (address.kind === 'unix') return boundPath(descriptor) === address.path;
  if (address.kind !== 'tcp') return false;
  const { host, port } = localTcpName(descriptor);
  const isSameHost = host === address.host || (EVERY_ADDRESS.has(host) && EVERY_ADDRESS.has(address.host));
  return port === address.port && port !== 0 && isSameHost;
}
