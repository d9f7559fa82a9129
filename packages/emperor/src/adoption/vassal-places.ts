import {
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

import type { FileOwner } from '../monitor/vassal-file.ts';
import { killTree } from '../vassal/process-tree.ts';
import { isAlive } from './process-identity.ts';
import { StoppedVassals } from './stopped-vassals.ts';
import { decodeRecord, encodeRecord, type VassalRecord } from './vassal-record.ts';

/*
 *   DIR/records/ID.json     0600, what a later emperor has to know of a vassal
 *   DIR/vassals/ID/         0700, the place of one process of a vassal
 *     control               control socket of a vassal of ours
 *     lonely.log            what it wrote while it had no emperor
 *   DIR/stopped.json        files of vassals that an operator has stopped
 */

const RECORDS = 'records';
const PLACES = 'vassals';

/** The longest name below the directory. */
export const LONGEST_PLACE_NAME = 'vassals/0123456789ab-0123/control';

/** Where vassals and emperors meet, in the runtime directory. One place per process: `id` is unique in the machine and over time. */
export class VassalPlaces {
  readonly #directory: string;
  readonly stopped: StoppedVassals;

  constructor(directory: string) {
    this.#directory = directory;
    for (const part of [RECORDS, PLACES]) mkdirSync(join(directory, part), { recursive: true, mode: 0o700 });
    this.stopped = new StoppedVassals(directory);
  }

  /** Path of the control socket. */
  socketOf(id: string): string {
    return join(this.#placeOf(id), 'control');
  }

  /** Before the process is launched. The place is for the owner alone; undefined: for who runs the emperor. */
  make(id: string, owner?: FileOwner): void {
    const place = this.#placeOf(id);
    mkdirSync(place, { mode: 0o700 });
    if (owner !== undefined) chownSync(place, owner.uid, owner.gid);
  }

  /** Lets others through to places of their own. */
  letThrough(): void {
    chmodSync(join(this.#directory, PLACES), 0o711);
  }

  /** What a later emperor has to know; again when it has changed. */
  remember(record: VassalRecord): void {
    const path = this.#recordOf(record.id);
    writeFileSync(`${path}.new`, encodeRecord(record), { mode: 0o600 });
    renameSync(`${path}.new`, path);
  }

  /** When the process has ended. */
  remove(id: string): void {
    try {
      rmSync(this.#recordOf(id), { force: true });
      removePlace(this.#placeOf(id));
    } catch {
      // It is in nobody's way; the next emperor sweeps.
    }
  }

  /** The vassals of a former emperor that still live. What else it left is ended and removed. */
  survivors(): VassalRecord[] {
    const names = readdirSync(join(this.#directory, RECORDS));
    const records = names.map((name) => this.#readRecord(name)).filter((record) => record !== undefined);
    const living = records.filter(isAlive);
    for (const { pid, outlives } of living) if (!outlives) killTree(pid);
    const survivors = living.filter(({ outlives }) => outlives);
    this.#removeAllBut(new Set(survivors.map(({ id }) => id)));
    return survivors;
  }

  removeAll(): void {
    for (const part of [RECORDS, PLACES]) rmSync(join(this.#directory, part), { recursive: true, force: true });
  }

  #placeOf(id: string): string {
    return join(this.#directory, PLACES, id);
  }

  #recordOf(id: string): string {
    return join(this.#directory, RECORDS, `${id}.json`);
  }

  #readRecord(name: string): VassalRecord | undefined {
    const record = decodeRecord(readFileSync(join(this.#directory, RECORDS, name), 'utf8'));
    return record !== undefined && name === `${record.id}.json` ? record : undefined;
  }

  #removeAllBut(ids: ReadonlySet<string>): void {
    for (const part of [RECORDS, PLACES]) {
      for (const name of readdirSync(join(this.#directory, part))) {
        const path = join(this.#directory, part, name);
        if (!ids.has(name.replace(/\.json$/, ''))) rmSync(path, { recursive: true, force: true });
      }
    }
  }
}

/** Most leave an empty one, which is removed twenty times as fast as any tree: a thousand may end at once. */
function removePlace(place: string): void {
  try {
    rmdirSync(place);
  } catch {
    rmSync(place, { recursive: true, force: true });
  }
}
