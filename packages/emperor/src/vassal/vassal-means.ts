import { isDeepStrictEqual } from 'node:util';

import { fetchSocket } from '../adoption/fetch-socket.ts';
import type { VassalRecord } from '../adoption/vassal-record.ts';
import { VassalTraces } from '../adoption/vassal-traces.ts';
import { VassalLimits } from '../limits/vassal-limits.ts';
import type { VassalFile } from '../monitor/vassal-file.ts';
import { VassalSocket } from '../on-demand/vassal-socket.ts';
import type { VassalExit } from './vassal-exit.ts';
import type { VassalJournal } from './vassal-journal.ts';
import type { VassalLaunch } from './vassal-launch.ts';
import type { VassalSeed } from './vassal-seed.ts';
import type { LaunchMaker, VassalSurroundings } from './vassal-surroundings.ts';

/** What the process of one vassal needs around it: a place, the socket that is held for it, limits. */
export class VassalMeans {
  readonly traces: VassalTraces;
  readonly socket: VassalSocket;
  readonly limits: VassalLimits;
  readonly #launch: LaunchMaker;

  constructor(seed: VassalSeed, surroundings: VassalSurroundings, journal: VassalJournal) {
    const { places, groups, sockets, connections, launch } = surroundings;
    const vassal = seed.file.name;
    this.#launch = launch;
    this.socket = new VassalSocket(seed.wish, sockets, connections);
    this.traces = new VassalTraces(places, (problem) => journal.report({ type: 'vassal-unrecorded', vassal, problem }));
    this.limits = new VassalLimits(groups, seed.limits, {
      onProblem: (problem) => journal.report({ type: 'vassal-unlimited', vassal, problem }),
      onKills: (kills) => journal.report({ type: 'vassal-out-of-memory', vassal, kills }),
    });
  }

  /** Makes all that a process has to find. @throws Error with a sentence */
  prepare(file: VassalFile): VassalLaunch {
    const id = this.traces.begin(file);
    const prepared = this.#launch(file, id, this.socket.open(), this.socket.idleOptions);
    this.traces.makePlace(prepared);
    return { ...prepared, group: this.limits.begin(id) };
  }

  /** A former emperor made it. */
  adopted(record: VassalRecord): void {
    this.traces.adopted(record);
    this.limits.adopt(record.id);
  }

  /** Whether a process that a former emperor launched would be launched the same way now. */
  isAsLaunched({ id, file, arguments: words }: VassalRecord): boolean {
    return isDeepStrictEqual(this.#launch(file, id, undefined, this.socket.idleOptions).arguments, words);
  }

  /** The process has the socket that was held for it: it is held again, if the process gives it away in time. */
  recoverSocket(timeoutMs: number): Promise<void> {
    return this.socket.recover(() => fetchSocket(this.traces.socketPath, timeoutMs));
  }

  /** The process has ended: why, as far as its limits tell. */
  end(exit: VassalExit): VassalExit {
    this.traces.end();
    return this.limits.end(exit);
  }
}
