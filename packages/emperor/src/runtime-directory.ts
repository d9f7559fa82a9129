import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { makeDirectories } from '@emperor/posix';

import { LONGEST_PLACE_NAME, VassalPlaces } from './adoption/vassal-places.ts';
import { EmperorError } from './emperor-error.ts';

/*
 *   DIR/               0700, one emperor at a time
 *     emperor.sock     0600, where commands are taken
 *     admin.token      0600, opens the admin address
 *     emperor.pid      process id of the emperor that holds it
 *     made             an emperor made the directory: the last one removes it
 *     records/, vassals/   see VassalPlaces
 */

/** `sun_path` has 108 bytes, the closing zero included. */
const SOCKET_PATH_LIMIT = 107;

const MARK = 'made';

/** Name of a temporary one, before six random characters. */
const TEMPORARY = 'emperor-runtime-';

/** Where the runtime directory is: asked for, given by systemd, of the user's session, or the default (DESIGN 5). */
export function runtimeDirectoryPath(
  asked: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
  uid: number,
): string {
  if (asked !== undefined) return resolve(asked);
  const given = environment['RUNTIME_DIRECTORY']?.split(':')[0];
  if (given) return given;
  const session = environment['XDG_RUNTIME_DIR'];
  if (session) return join(session, 'emperor');
  return uid === 0 ? '/run/emperor' : join(tmpdir(), `emperor-${uid}`);
}

/** Of the emperor that holds this runtime directory. */
export function commandSocketIn(path: string): string {
  return join(path, 'emperor.sock');
}

/** What vassals and emperors know of each other, held by one emperor until `release` or `leave`. */
export class RuntimeDirectory {
  readonly path: string;
  readonly places: VassalPlaces;
  readonly #lock: Server | undefined;
  readonly #wasMade: boolean;

  private constructor(path: string, lock: Server | undefined, wasMade: boolean) {
    this.path = path;
    this.#lock = lock;
    this.#wasMade = wasMade;
    this.places = new VassalPlaces(path);
    if (wasMade) writeFileSync(join(path, MARK), '');
    writeFileSync(join(path, 'emperor.pid'), `${process.pid}\n`);
  }

  /** Takes the directory with what a former emperor has left there. */
  static async take(path: string): Promise<RuntimeDirectory> {
    checkLength(path);
    const wasMade = makePrivate(path);
    return new RuntimeDirectory(path, await lock(realpathSync(path)), wasMade);
  }

  /**
   * A directory nobody else knows of: for `vassal --emperor`, of which, as of uWSGI's, any number may run. Removes those that
   * emperors which were killed have left.
   */
  static takeTemporary(): RuntimeDirectory {
    const parent = fitsSockets(join(tmpdir(), `${TEMPORARY}123456`)) ? tmpdir() : '/tmp';
    try {
      sweepTemporary(parent);
      return new RuntimeDirectory(mkdtempSync(join(parent, TEMPORARY)), undefined, true);
    } catch (error) {
      const problem = (error as Error).message;
      throw new EmperorError(
        `could not make a runtime directory in "${parent}": ${problem}; choose one with --runtime-dir`,
        { cause: error },
      );
    }
  }

  /** Where the emperor listens for commands. */
  get commandSocket(): string {
    return commandSocketIn(this.path);
  }

  /** Where the token of the admin address is, unless the options name a file. */
  get tokenFile(): string {
    return join(this.path, 'admin.token');
  }

  /** Lets others through to the places of vassals that run as somebody else. */
  letThrough(): void {
    chmodSync(this.path, 0o711);
    this.places.letThrough();
  }

  /** Lets go of it, and removes what was made here. */
  release(): void {
    this.places.removeAll();
    this.leave();
    if (!this.#wasMade) return;
    rmSync(join(this.path, MARK), { force: true });
    try {
      rmdirSync(this.path);
    } catch {
      // It is still to be known what an operator stopped, or somebody put something there: theirs.
      writeFileSync(join(this.path, MARK), '');
    }
  }

  /** Lets go of it as it is, for a later emperor. */
  leave(): void {
    rmSync(join(this.path, 'emperor.pid'), { force: true });
    rmSync(this.tokenFile, { force: true });
    this.#lock?.close();
  }
}

function sweepTemporary(parent: string): void {
  const candidates = readdirSync(parent).filter((name) => name.startsWith(TEMPORARY));
  for (const path of candidates.map((name) => join(parent, name))) {
    const holder = holderOf(path);
    const isOurs = lstatSync(path, { throwIfNoEntry: false })?.uid === process.getuid?.();
    if (isOurs && holder !== undefined && !existsProcess(holder)) rmSync(path, { recursive: true, force: true });
  }
}

function checkLength(path: string): void {
  const longest = join(path, LONGEST_PLACE_NAME);
  if (fitsSockets(path)) return;
  throw new EmperorError(
    `the runtime directory "${path}" has too long a name: the path of a socket has at most ${SOCKET_PATH_LIMIT} bytes, ` +
      `and "${longest}" has ${Buffer.byteLength(longest)}; choose a shorter one with --runtime-dir`,
  );
}

function fitsSockets(path: string): boolean {
  return Buffer.byteLength(join(path, LONGEST_PLACE_NAME)) <= SOCKET_PATH_LIMIT;
}

/** Makes the directory, or checks that it is a private one of ours. Returns whether it was made, now or by a former emperor. */
function makePrivate(path: string): boolean {
  try {
    const made = makeDirectories(path, 0o700);
    const stats = lstatSync(path);
    if (!stats.isDirectory()) throw new Error('it is no directory');
    if (stats.uid !== process.getuid?.()) throw new Error(`it belongs to the user with id ${stats.uid}`);
    chmodSync(path, 0o700);
    return made || existsSync(join(path, MARK));
  } catch (error) {
    const { message } = error as Error;
    throw new EmperorError(
      `could not use the runtime directory "${path}": ${message}; choose another one with --runtime-dir`,
      {
        cause: error,
      },
    );
  }
}

/**
 * A name in Linux's abstract namespace, made of the directory's inode: taken atomically, and given back by the kernel however
 * its holder dies. Elsewhere the process id in the directory has to do.
 */
async function lock(path: string): Promise<Server | undefined> {
  if (process.platform !== 'linux') {
    const holder = holderOf(path);
    if (holder !== undefined && existsProcess(holder)) throw taken(path, holder);
    return undefined;
  }
  const { dev, ino } = statSync(path);
  const server = createServer((socket) => socket.destroy());
  return new Promise((done, failed) => {
    server.once('error', () => failed(taken(path, holderOf(path))));
    server.listen(`\0emperor-runtime-directory:${dev}:${ino}`, () => done(server.unref()));
  });
}

function taken(path: string, holder: number | undefined): EmperorError {
  const who = holder === undefined ? 'another emperor' : `the emperor with pid ${holder}`;
  return new EmperorError(
    `could not take the runtime directory "${path}": ${who} is using it; stop that one, or give this one its own with --runtime-dir`,
  );
}

function holderOf(path: string): number | undefined {
  try {
    return Number.parseInt(readFileSync(join(path, 'emperor.pid'), 'utf8'), 10) || undefined;
  } catch {
    return undefined;
  }
}

function existsProcess(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
