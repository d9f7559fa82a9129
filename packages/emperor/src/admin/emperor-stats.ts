import type { Vassal } from '../vassal/vassal.ts';
import type { VassalPhaseName } from '../vassal/vassal-phase.ts';

/** What stands in front of the vassals. */
export interface EmperorFacts {
  readonly version: string;
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
  readonly workingDirectory: string;
  /** Directories absolute, globs as given. */
  readonly monitors: readonly string[];
  readonly isTyrant: boolean;
}

const ACCEPTING: ReadonlySet<VassalPhaseName> = new Set(['ready', 'loyal', 'invalid']);
const READY: ReadonlySet<VassalPhaseName> = new Set([...ACCEPTING, 'spawned']);

/**
 * The document of uWSGI's `emperor-stats`, with its keys in its order (UWSGI-FACTS 13.7). Times are whole seconds; 0 is never.
 * As there, a vassal without a process is not among them unless it waits for a connection, and what keeps dying is in the
 * blacklist, whose levels are in milliseconds.
 */
export function emperorStats(facts: EmperorFacts, vassals: Iterable<Vassal>): object {
  const all = [...vassals];
  return {
    version: facts.version,
    pid: facts.pid,
    uid: facts.uid,
    gid: facts.gid,
    cwd: facts.workingDirectory,
    emperor: facts.monitors,
    emperor_tyrant: facts.isTyrant ? 1 : 0,
    throttle_level: 0,
    vassals: all.filter(isListed).map(vassalEntry),
    blacklist: all.filter((vassal) => vassal.state.failures > 0).map(blacklistEntry),
  };
}

function isListed({ state: { phase } }: Vassal): boolean {
  return 'pid' in phase || phase.name === 'waiting';
}

function vassalEntry({ name, file, bornMs, state, moments, socketAddress }: Vassal): object {
  const { phase } = state;
  return {
    id: name,
    pid: 'pid' in phase ? phase.pid : -1,
    born: seconds(bornMs),
    last_mod: seconds(file.fingerprint.mtimeMs),
    last_heartbeat: seconds(moments.lastHeartbeat),
    loyal: moments.lastLoyal > 0 ? 1 : 0,
    ready: READY.has(phase.name) ? 1 : 0,
    accepting: ACCEPTING.has(phase.name) ? 1 : 0,
    last_loyal: seconds(moments.lastLoyal),
    last_ready: seconds(moments.lastReady),
    last_accepting: seconds(moments.lastAccepting),
    first_run: seconds(moments.launched),
    last_run: seconds(moments.lastRun),
    cursed: seconds(moments.cursed),
    zerg: 0,
    on_demand: state.onDemand ? (socketAddress ?? '') : '',
    uid: file.owner?.uid ?? 0,
    gid: file.owner?.gid ?? 0,
    monitor: file.monitor,
    respawns: moments.reloads,
  };
}

function blacklistEntry({ name, state, moments }: Vassal): object {
  return {
    id: name,
    throttle_level: moments.lastWaitMs,
    attempt: state.failures - 1,
    first_attempt: seconds(moments.firstFailure),
    last_attempt: seconds(moments.lastFailure),
  };
}

function seconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000);
}
