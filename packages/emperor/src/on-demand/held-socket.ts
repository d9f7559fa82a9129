import { chmodSync, lstatSync, rmSync } from 'node:fs';

import { parseAddress } from '@emperor/config';
import { closeDescriptor, listenTcp, listenUnix } from '@emperor/posix';

/** Everybody may connect, as to uWSGI's (UWSGI-FACTS 13.9): whom the web server runs as is not known here. */
const SOCKET_MODE = 0o666;

/** A listening socket that the emperor keeps for a vassal, whether that runs or not: no connection to it is ever refused. */
export class HeldSocket {
  /** As it was asked for. */
  readonly address: string;
  readonly descriptor: number;
  readonly #path: string | undefined;

  private constructor(address: string, descriptor: number, path: string | undefined) {
    this.address = address;
    this.descriptor = descriptor;
    this.#path = path;
  }

  /** @throws Error with a sentence */
  static open(address: string): HeldSocket {
    try {
      return openAt(address, (descriptor, path) => new HeldSocket(address, descriptor, path));
    } catch (error) {
      throw new Error(`could not listen on "${address}": ${(error as Error).message}`, { cause: error });
    }
  }

  /** One that is open already. */
  static found(address: string, descriptor: number): HeldSocket {
    const { kind, path = '' } = { path: undefined, ...parseAddress(address) };
    const isFile = kind === 'unix' && !path.startsWith('\0');
    return new HeldSocket(address, descriptor, isFile ? path : undefined);
  }

  /** Nobody will serve it any more. */
  close(): void {
    closeDescriptor(this.descriptor);
    if (this.#path !== undefined) rmSync(this.#path, { force: true });
  }
}

function openAt(text: string, make: (descriptor: number, path: string | undefined) => HeldSocket): HeldSocket {
  const address = parseAddress(text);
  switch (address.kind) {
    case 'tcp':
      return make(listenTcp(address.host, address.port).descriptor, undefined);
    case 'unix':
      return openFile(address.path, make);
    default:
      throw new Error('it takes HOST:PORT or the path of a UNIX socket');
  }
}

function openFile(path: string, make: (descriptor: number, path: string | undefined) => HeldSocket): HeldSocket {
  if (path.startsWith('\0')) return make(listenUnix(path).descriptor, undefined);
  removeStale(path);
  const { descriptor } = listenUnix(path);
  chmodSync(path, SOCKET_MODE);
  return make(descriptor, path);
}

/** As every socket of uWSGI's, it takes the place of a socket file that is there already, and of nothing else. */
function removeStale(path: string): void {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isSocket()) throw new Error('there is a file of another kind in its place');
  rmSync(path);
}
