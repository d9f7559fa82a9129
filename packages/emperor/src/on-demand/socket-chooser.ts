import { execFile } from 'node:child_process';
import { extname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

import { parseAddress } from '@emperor/config';

import type { VassalFile } from '../monitor/vassal-file.ts';
import { beginningOf } from '../attributes/beginning.ts';
import type { VassalAttributes } from '../attributes/vassal-attributes.ts';
import type { SocketWish } from './socket-wish.ts';

/** Where to look for sockets that the emperor is to hold. */
export interface SocketSources {
  /** `emperor-on-demand-extension`: the address is in the file with this behind its name. */
  readonly extension: string | undefined;
  /** `emperor-on-demand-directory`: it is `DIRECTORY/NAME.socket`. */
  readonly directory: string | undefined;
  /** `emperor-hold-directory`: the same, but the vassal always runs. */
  readonly holdDirectory: string | undefined;
  /** `emperor-on-demand-exec`: a command prints it. */
  readonly command: string | undefined;
  /** Vassals belong to others, who must not get a socket they could not open themselves. */
  readonly isTyrant: boolean;
}

/** A command that has not answered by then has none. */
const COMMAND_PATIENCE_MS = 5000;

/** The first port that anybody may listen on (ip(7), `ip_unprivileged_port_start`). */
const FIRST_FREE_PORT = 1024;

/** Finds out which socket, if any, the emperor is to hold for a vassal (UWSGI-FACTS 13.9). */
export class SocketChooser {
  readonly #sources: SocketSources;
  readonly #complain: (problem: string) => void;

  constructor(sources: SocketSources, complain: (problem: string) => void) {
    this.#sources = sources;
    this.#complain = complain;
  }

  /** At once, unless a command has to be asked. */
  choose(file: VassalFile, attributes: VassalAttributes): SocketWish | undefined | Promise<SocketWish | undefined> {
    const { directory, holdDirectory, command } = this.#sources;
    const wish = ofAttributes(attributes) ?? this.#ofExtension(file);
    const idle = attributes.idleSeconds === undefined ? {} : { idleSeconds: attributes.idleSeconds };
    if (wish !== undefined) return this.#allowed(file, { ...wish, ...idle, address: absolute(wish.address, file) });
    if (directory !== undefined) return { address: socketIn(directory, file), onDemand: true, ...idle };
    if (holdDirectory !== undefined) return { address: socketIn(holdDirectory, file), onDemand: false };
    return command === undefined ? undefined : this.#ofCommand(command, file);
  }

  #ofExtension({ path }: VassalFile): SocketWish | undefined {
    const { extension } = this.#sources;
    if (extension === undefined) return undefined;
    // Without such a file it is a vassal like any other.
    const address = firstLine(beginningOf(`${path}${extension}`) ?? '');
    return address === '' ? undefined : { address, onDemand: true };
  }

  async #ofCommand(command: string, { name }: VassalFile): Promise<SocketWish | undefined> {
    try {
      const { stdout } = await promisify(execFile)('/bin/sh', ['-c', `${command} "$1"`, 'sh', name], {
        timeout: COMMAND_PATIENCE_MS,
      });
      const address = firstLine(stdout);
      return address === '' ? undefined : { address, onDemand: true };
    } catch (error) {
      this.#complain(
        `emperor-on-demand-exec failed for ${name}, which is started at once: ${(error as Error).message}`,
      );
      return undefined;
    }
  }

  #allowed({ name }: VassalFile, wish: SocketWish): SocketWish | undefined {
    if (!this.#sources.isTyrant || isFreePort(wish.address)) return wish;
    this.#complain(
      `${name} is not given the socket "${wish.address}": in tyrant mode vassals get TCP ports from ${FIRST_FREE_PORT} on; it is started at once`,
    );
    return undefined;
  }
}

function ofAttributes({ onDemand, hold }: VassalAttributes): SocketWish | undefined {
  if (onDemand !== undefined) return { address: onDemand, onDemand: true };
  return hold === undefined ? undefined : { address: hold, onDemand: false };
}

function isFreePort(text: string): boolean {
  try {
    const address = parseAddress(text);
    return address.kind === 'tcp' && (address.port === 0 || address.port >= FIRST_FREE_PORT);
  } catch {
    return false;
  }
}

/** A path counts from where the vassal runs. */
function absolute(address: string, { workingDirectory }: VassalFile): string {
  const isPlainPath = !address.includes(':') && !/^[@=]/.test(address);
  return isPlainPath ? resolve(workingDirectory, address) : address;
}

/** `a.ini` has `a.socket`; a path cannot be part of a file's name. */
function socketIn(directory: string, { name }: VassalFile): string {
  const plain = name.replace(/^\.?\/+/, '').replaceAll('/', '-');
  return join(resolve(directory), `${plain.slice(0, plain.length - extname(plain).length)}.socket`);
}

function firstLine(text: string): string {
  return text.split('\n')[0]?.trim() ?? '';
}
