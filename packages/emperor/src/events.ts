import type { VassalExit } from './vassal/vassal-exit.ts';
import { nextTryOf, pidOf, type VassalPhaseName } from './vassal/vassal-phase.ts';
import type { ReloadCause, VassalEvent } from './vassal/vassal-event.ts';
import type { Step, VassalState } from './vassal/vassal-steps.ts';

/** Everything that can happen. The log, the metrics and the tests all read this. */
export type EmperorEvent =
  | {
      readonly type: 'emperor-started';
      readonly patterns: readonly string[];
      readonly pid: number;
      readonly isVassal: boolean;
    }
  /** `reason` is a signal, or what the emperor above wants. */
  | { readonly type: 'emperor-stopping'; readonly reason: string }
  | { readonly type: 'emperor-stopped' }
  /** It ends, and the vassals that can go on without it do. */
  | { readonly type: 'emperor-leaving'; readonly reason: string; readonly vassals: number }
  /** A command of the operator is run before any vassal is started. */
  | { readonly type: 'emperor-hook-started'; readonly command: string }
  | { readonly type: 'emperor-hook-said'; readonly line: string }
  | { readonly type: 'vassals-reloading'; readonly reason: string }
  /** An operator wants all that failed to be tried again. */
  | { readonly type: 'failures-forgiven' }
  /** What a file wants of the emperor is not understood, or not to be had. */
  | { readonly type: 'attribute-problem'; readonly problem: string }
  /** A directory that cannot be listed, a watch that cannot be set. What runs goes on running. */
  | { readonly type: 'monitor-problem'; readonly problem: string }
  | { readonly type: 'metrics-listening'; readonly url: string }
  /** Who has read the token in the file may come. */
  | { readonly type: 'admin-listening'; readonly url: string; readonly tokenFile: string }
  | { readonly type: 'stats-listening'; readonly address: string; readonly descriptor: number }
  | VassalReport;

/** What happened to one vassal. */
export type VassalReport = { readonly vassal: string } & (
  | { readonly type: 'vassal-launched'; readonly pid: number }
  /** On demand: nothing runs before somebody connects. */
  | { readonly type: 'vassal-waiting'; readonly address: string; readonly isFirst: boolean }
  /** The file of one that waits has changed; it is read at the next start. */
  | { readonly type: 'vassal-updated' }
  /** Its file does not allow it to run in tyrant mode. */
  | { readonly type: 'vassal-refused'; readonly reason: string }
  /** It runs as the owner of its file. */
  | { readonly type: 'vassal-privileges-dropped'; readonly uid: number; readonly gid: number }
  /** Its file belongs to somebody else now: started anew as that one. */
  | { readonly type: 'vassal-owner-changed'; readonly uid?: number; readonly gid?: number }
  /** A former emperor started it. */
  | { readonly type: 'vassal-adopted'; readonly pid: number }
  | { readonly type: 'vassal-spawned'; readonly pid: number }
  | { readonly type: 'vassal-ready'; readonly pid: number; readonly afterMs: number }
  | { readonly type: 'vassal-loyal'; readonly pid: number }
  /** `by` is not known when the emperor asks once more for a change that came too late. */
  | { readonly type: 'vassal-reloading'; readonly pid: number; readonly by?: ReloadCause }
  /** It has reloaded without having been asked by the emperor: a signal, a file it watches, its own code. */
  | { readonly type: 'vassal-self-reloaded'; readonly pid: number }
  /** What came of a reload. What is not here the vassal did not tell; `failed`: requests, as far as they are answered by now. */
  | {
      readonly type: 'vassal-reloaded';
      readonly isDone: boolean;
      /** Who asked for it, or why it was refused; for people. */
      readonly reason: string;
      readonly tookMs: number;
      readonly failed?: number;
    }
  | { readonly type: 'vassal-reload-refused'; readonly pid: number }
  | { readonly type: 'vassal-reload-unanswered'; readonly pid: number }
  | { readonly type: 'vassal-stopping'; readonly pid: number }
  /** It did not end in its time. */
  | { readonly type: 'vassal-killed'; readonly pid: number }
  /** It sends heartbeats no more: killed, to be started again. */
  | { readonly type: 'vassal-silent'; readonly pid: number; readonly heardMsAgo: number }
  | {
      readonly type: 'vassal-exited';
      /** Undefined when it never had a process. */
      readonly pid: number | undefined;
      readonly exit: VassalExit;
      readonly next: VassalPhaseName;
      readonly failures: number;
      /** With `next` cursed or invalid: the wait before the next try. */
      readonly retryMs: number | undefined;
    }
  /** It has failed so often in a row that somebody should look. Told once. */
  | {
      readonly type: 'vassal-failing';
      readonly exit: VassalExit;
      readonly failures: number;
      readonly retryMs: number;
      readonly lastLines: readonly string[];
    }
  /** A command of the operator is run on its account. */
  | {
      readonly type: 'vassal-hook-started';
      readonly hook: 'as-emperor' | 'stop-hook';
      readonly command: string;
      readonly pid?: number;
      readonly uid?: number;
      readonly gid?: number;
    }
  | {
      readonly type: 'vassal-hook-ended';
      readonly hook: 'as-emperor' | 'stop-hook';
      readonly command: string;
      readonly code: number;
      /** Why what is no command could not be done. */
      readonly problem?: string;
    }
  /** It runs without the limits that it should have. */
  | { readonly type: 'vassal-unlimited'; readonly problem: string }
  /** The kernel has killed some of its processes for want of memory; `kills` since its start. */
  | { readonly type: 'vassal-out-of-memory'; readonly kills: number }
  /** It asks for reinforcement: it has more to do than it can. */
  | { readonly type: 'vassal-overloaded'; readonly pid: number }
  /** It cannot start before others are up. */
  | { readonly type: 'vassal-held-back'; readonly by: readonly string[] }
  /** Each wants to start after the next, the last after the first: none of them waits. */
  | { readonly type: 'vassal-cycle'; readonly names: readonly string[] }
  /** Its record could not be written: a later emperor will not find it. */
  | { readonly type: 'vassal-unrecorded'; readonly problem: string }
  /** An operator stopped it. */
  | { readonly type: 'vassal-stopped' }
  | { readonly type: 'vassal-removed' }
  /** Asked for with SIGUSR1. `modified` is the time of its file in Unix seconds. */
  | {
      readonly type: 'vassal-statistics';
      readonly modified: number;
      readonly state: VassalPhaseName;
      readonly isLoyal: boolean;
    }
  | { readonly type: 'vassal-output'; readonly stream: 'stdout' | 'stderr'; readonly line: string }
  | { readonly type: 'vassal-output-dropped'; readonly lines: number }
  /** Bytes on the emperor socket that mean nothing: no longer read. */
  | { readonly type: 'vassal-babbling'; readonly pid: number }
);

export type EmperorEventListener = (event: EmperorEvent) => void;

/** What a step of a vassal's life, made at `now`, looks like from outside. */
export function reportsOf(
  vassal: string,
  previous: VassalState,
  event: VassalEvent,
  { state, actions }: Step,
  now: number,
): VassalReport[] {
  const pid = pidOf(previous.phase);
  const reports: VassalReport[] = [];
  if (event.type === 'exited') reports.push(exitReport(vassal, pid, event.exit, state));
  if (pid !== undefined && previous.helpAskedAt !== state.helpAskedAt && state.helpAskedAt !== undefined) {
    reports.push({ type: 'vassal-overloaded', vassal, pid });
  }
  if (pid !== undefined && actions.includes('send-reload')) {
    reports.push({ type: 'vassal-reloading', vassal, pid, ...causeOf(event) });
  }
  if (isUnasked(previous, event) && pid !== undefined) reports.push({ type: 'vassal-self-reloaded', vassal, pid });
  if (pid !== undefined && actions.includes('kill')) return [killReport(vassal, pid, previous, now)];
  if (previous.phase.name !== state.phase.name) reports.push(...arrival(vassal, previous, event, state));
  return reports;
}

function causeOf(event: VassalEvent): { readonly by?: ReloadCause } {
  const by = event.type === 'reload' || event.type === 'file-changed' ? event.by : undefined;
  return by === undefined ? {} : { by };
}

/** One that accepts requests says so again when it does with a new generation. */
function isUnasked({ phase }: VassalState, event: VassalEvent): boolean {
  return event.type === 'said' && event.word === 'accepting' && (phase.name === 'ready' || phase.name === 'loyal');
}

function killReport(vassal: string, pid: number, { phase, heardAt }: VassalState, now: number): VassalReport {
  if (phase.name === 'stopping') return { type: 'vassal-killed', vassal, pid };
  return { type: 'vassal-silent', vassal, pid, heardMsAgo: Math.round(now - (heardAt ?? phase.since)) };
}

function arrival(vassal: string, previous: VassalState, event: VassalEvent, { phase }: VassalState): VassalReport[] {
  switch (phase.name) {
    case 'starting':
      return [{ type: 'vassal-launched', vassal, pid: phase.pid }];
    case 'spawned':
      return [{ type: 'vassal-spawned', vassal, pid: phase.pid }];
    case 'ready':
      if (event.type === 'deadline') return [{ type: 'vassal-reload-unanswered', vassal, pid: phase.pid }];
      return [
        { type: 'vassal-ready', vassal, pid: phase.pid, afterMs: Math.round(phase.since - previous.phase.since) },
      ];
    case 'loyal':
      return [{ type: 'vassal-loyal', vassal, pid: phase.pid }];
    case 'invalid':
      return 'pid' in phase ? [{ type: 'vassal-reload-refused', vassal, pid: phase.pid }] : [];
    case 'stopping':
      return [{ type: 'vassal-stopping', vassal, pid: phase.pid }];
    case 'stopped':
      return [{ type: 'vassal-stopped', vassal }];
    case 'removed':
      return [{ type: 'vassal-removed', vassal }];
    case 'waiting':
    case 'queued':
    case 'reloading':
    case 'cursed':
    case 'exiled':
      return [];
    default:
      return phase satisfies never;
  }
}

function exitReport(vassal: string, pid: number | undefined, exit: VassalExit, state: VassalState): VassalReport {
  const { phase, failures } = state;
  const nextTry = nextTryOf(phase);
  const retryMs = nextTry === undefined ? undefined : Math.round(nextTry - phase.since);
  return { type: 'vassal-exited', vassal, pid, exit, next: phase.name, failures, retryMs };
}
