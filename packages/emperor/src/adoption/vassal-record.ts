import type { VassalFile } from '../monitor/vassal-file.ts';
import type { ProcessIdentity } from './process-identity.ts';

/** What an emperor writes down of a vassal, for the next one. */
export interface VassalRecord extends ProcessIdentity {
  /** Names its place in the runtime directory. */
  readonly id: string;
  /** It can go on without an emperor. One that cannot, and was left behind all the same, is ended by the next emperor. */
  readonly outlives: boolean;
  /** Unix time in milliseconds. */
  readonly launchedAt: number;
  /** Processes started for the file so far. */
  readonly launches: number;
  /** What it was started with: a reload does not change it. */
  readonly arguments: readonly string[];
  /** As it was when the vassal was last started or told to reload. */
  readonly file: VassalFile;
}

/** A record written by another version is none: its vassal is then stopped and started anew. */
const VERSION = 1;

export function encodeRecord(record: VassalRecord): string {
  return `${JSON.stringify({ version: VERSION, ...record })}\n`;
}

/** Undefined for anything that is not a record. */
export function decodeRecord(text: string): VassalRecord | undefined {
  try {
    return readRecord(JSON.parse(text) as Json);
  } catch {
    return undefined;
  }
}

type Json = Readonly<Record<string, unknown>>;

function readRecord(json: Json): VassalRecord | undefined {
  if (json['version'] !== VERSION) return undefined;
  return {
    id: text(json['id']),
    pid: number(json['pid']),
    startTime: text(json['startTime']),
    outlives: json['outlives'] === true,
    launchedAt: number(json['launchedAt']),
    launches: number(json['launches']),
    arguments: list(json['arguments']).map(text),
    file: readFile(json['file'] as Json),
  };
}

function readFile(json: Json): VassalFile {
  const owner = json['owner'] as Json | undefined;
  const fingerprint = json['fingerprint'] as Json;
  return {
    name: text(json['name']),
    argument: text(json['argument']),
    path: text(json['path']),
    workingDirectory: text(json['workingDirectory']),
    monitor: text(json['monitor']),
    owner: owner === undefined ? undefined : { uid: number(owner['uid']), gid: number(owner['gid']) },
    fingerprint: {
      mtimeMs: number(fingerprint['mtimeMs']),
      inode: number(fingerprint['inode']),
      size: number(fingerprint['size']),
    },
  };
}

function text(value: unknown): string {
  if (typeof value !== 'string') throw new TypeError('no text');
  return value;
}

function number(value: unknown): number {
  if (typeof value !== 'number') throw new TypeError('no number');
  return value;
}

function list(value: unknown): unknown[] {
  if (!Array.isArray(value)) throw new TypeError('no list');
  return value;
}
