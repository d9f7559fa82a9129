import { createRequire } from 'node:module';
import path from 'node:path';
import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs';
import { ConfigError } from './config-error.ts';

/** Largest configuration file; the real ones have a few kilobytes. */
export const MAX_FILE_BYTES: number = 16 * 1024 * 1024;

/** How long a pipe that was given as a file (`<(command)` in a shell) may stay silent. */
const PIPE_PATIENCE_MS = 5000;

/**
 * Reads a configuration file without ever hanging or filling the memory: regular files and pipes up to `MAX_FILE_BYTES`.
 * @throws {ConfigError} with the reason
 */
export function readSourceFile(path: string): Buffer {
  return withDescriptor(path, (descriptor) => {
    checkOwner(descriptor, path);
    return readDescriptor(descriptor, path);
  });
}

/** `UID:PATH`, from an emperor in tyrant mode that runs us with the rights of the owner of that file (`@emperor/protocol` declares it). */
const FILE_OWNER_VARIABLE = 'EMPEROR_VASSAL_FILE_OWNER';

/** Between the emperor's look and ours somebody else may have put a file of their own there, to have it run as the owner of the old one. */
function checkOwner(descriptor: number, path: string): void {
  const [, uid, owned] = /^(\d+):(.*)$/s.exec(process.env[FILE_OWNER_VARIABLE] ?? '') ?? [];
  if (owned !== path) return;
  const found = fstatSync(descriptor).uid;
  if (found === Number(uid)) return;
  throw new ConfigError(
    `cannot read ${quote(path)}: it belongs to the user with id ${found}, and the emperor saw it belong to ${uid}`,
    'give it back, or touch it to have it run as its new owner',
  );
}

const require: NodeJS.Require = createRequire(import.meta.url);

/**
 * Reads what a name stands for: a file, or with a scheme a descriptor (`fd://3`), the output of a command (`exec://date`) or what a web
 * server holds (`http://…`, `https://…`).
 * @throws {ConfigError} with the reason
 */
export function readSource(name: string, workingDirectory: string): Buffer {
  const scheme = /^([a-z]+):\/\//.exec(name)?.[1];
  const rest = scheme === undefined ? name : name.slice(scheme.length + 3);
  if (scheme === 'exec') {
    // child_process is large and this is rare.
    const { runCommand } = require('./run-command.js') as typeof import('./run-command.ts');
    return runCommand(rest, workingDirectory, MAX_FILE_BYTES);
  }
  if (scheme === 'http' || scheme === 'https') {
    const { fetchSource } = require('./fetch-source.js') as typeof import('./fetch-source.ts');
    return fetchSource(name, MAX_FILE_BYTES);
  }
  if (scheme === 'fd') return readDescriptor(Number(rest) || 0, name);
  if (scheme === undefined || scheme === 'file') return readSourceFile(path.resolve(workingDirectory, rest));
  throw new ConfigError(
    `cannot read ${quote(name)}: this kind of source is not supported`,
    'download it to a file first',
  );
}

/** Reads what an inherited descriptor holds, 0 for stdin, until its end. */
export function readDescriptor(descriptor: number, name: string): Buffer {
  const stats = attempt(name, () => fstatSync(descriptor));
  if (stats.isDirectory()) throw new ConfigError(`cannot read ${quote(name)}: it is a directory`);
  if (stats.isBlockDevice() || (stats.isCharacterDevice() && descriptor !== 0)) {
    throw new ConfigError(`cannot read ${quote(name)}: it is a device`);
  }
  if (stats.size > MAX_FILE_BYTES) throw tooLarge(name);
  const bytes = readAll(descriptor, name, stats);
  if (bytes.length === 0 && stats.isFIFO() && descriptor !== 0) {
    throw new ConfigError(`cannot read ${quote(name)}: it is a pipe, and nobody writes to it`);
  }
  return bytes;
}

function withDescriptor<Result>(path: string, use: (descriptor: number) => Result): Result {
  // Without O_NONBLOCK the open of a fifo waits for a writer that may never come.
  const descriptor = attempt(path, () => openSync(path, constants.O_RDONLY | constants.O_NONBLOCK));
  try {
    return use(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function readAll(descriptor: number, name: string, stats: Stats): Buffer {
  const chunks: Buffer[] = [];
  const deadline = Date.now() + PIPE_PATIENCE_MS;
  for (let total = 0; ;) {
    const chunk = Buffer.allocUnsafe(Math.max(4096, stats.size + 1 - total));
    const size = readSome(descriptor, chunk, name, deadline);
    if (size === 0) return Buffer.concat(chunks);
    total += size;
    if (total > MAX_FILE_BYTES) throw tooLarge(name);
    chunks.push(chunk.subarray(0, size));
  }
}

function readSome(descriptor: number, chunk: Buffer, name: string, deadline: number): number {
  for (;;) {
    try {
      return readSync(descriptor, chunk);
    } catch (error) {
      if (codeOf(error) === 'EOF') return 0;
      if (codeOf(error) !== 'EAGAIN') throw unreadable(name, error);
      if (Date.now() > deadline) throw new ConfigError(`cannot read ${quote(name)}: nothing arrived for 5 seconds`);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}

function attempt<Result>(name: string, action: () => Result): Result {
  try {
    return action();
  } catch (error) {
    throw unreadable(name, error);
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'No such file or directory',
  EACCES: 'Permission denied',
  EPERM: 'Operation not permitted',
  ENOTDIR: 'a part of the path is not a directory',
  ELOOP: 'too many symbolic links',
  ENAMETOOLONG: 'the name is too long',
  ENXIO: 'it is a socket or a device without a driver',
  EISDIR: 'it is a directory',
  EMFILE: 'too many open files',
};

function unreadable(name: string, error: unknown): ConfigError {
  const code = codeOf(error);
  return new ConfigError(`cannot read ${quote(name)}: ${REASONS[code] ?? (code || String(error))}`);
}

function tooLarge(name: string): ConfigError {
  return new ConfigError(`cannot read ${quote(name)}: it is larger than ${MAX_FILE_BYTES / 1024 / 1024} MiB`);
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

function quote(text: string): string {
  return JSON.stringify(text);
}
