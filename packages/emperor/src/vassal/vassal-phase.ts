/** Where a vassal is in its life. `since` is when it got there; `upSince` when it last proved to be up. Milliseconds. */
export type VassalPhase =
  /** On demand: nothing runs before somebody connects to its socket. */
  | { readonly name: 'waiting'; readonly since: number }
  /** Waits for its turn: parallel starts are bounded. */
  | { readonly name: 'queued'; readonly since: number }
  | { readonly name: 'starting'; readonly since: number; readonly pid: number }
  /**
   * Up. `spawned`: its processes run; a real uWSGI without workers (a pure router) never gets further. `ready`: it accepts
   * requests. `loyal`: it has served one. `invalid`: it refused its new configuration and goes on with the old one.
   */
  | {
      readonly name: 'spawned' | 'ready' | 'loyal' | 'invalid';
      readonly since: number;
      readonly pid: number;
      readonly upSince: number;
    }
  | {
      readonly name: 'reloading';
      readonly since: number;
      readonly pid: number;
      readonly upSince: number;
      /** When we stop waiting for its answer. */
      readonly until: number;
      /** Changed once more meanwhile: reload again when this is done. */
      readonly again: boolean;
    }
  /** Died; not started before `until`. `invalid`: before it was up, and as one does that refuses its configuration. */
  | { readonly name: 'cursed' | 'invalid'; readonly since: number; readonly until: number }
  /** Asked not to be started again; an edit of its file brings it back. */
  | { readonly name: 'exiled'; readonly since: number }
  /** An operator stopped it; nothing but an operator brings it back. */
  | { readonly name: 'stopped'; readonly since: number }
  | {
      readonly name: 'stopping';
      readonly since: number;
      readonly pid: number;
      /** What is to follow its end. */
      readonly after: AfterStop;
      /** When it is killed; undefined once that has been done. */
      readonly killAt: number | undefined;
    }
  | { readonly name: 'removed'; readonly since: number };

export type VassalPhaseName = VassalPhase['name'];

/** In the order of a life. Without `removed`: by then the vassal is forgotten. */
export const PHASE_NAMES: readonly VassalPhaseName[] = [
  'waiting',
  'queued',
  'starting',
  'spawned',
  'ready',
  'loyal',
  'reloading',
  'invalid',
  'cursed',
  'exiled',
  'stopping',
  'stopped',
];

/** Dead, and to be tried again. */
export type DeadPhase = Extract<VassalPhase, { readonly name: 'cursed' | 'invalid'; readonly until: number }>;

/** It has a process. */
export type LivePhase = Extract<VassalPhase, { readonly pid: number }>;

/** What is to follow the end of one that stops. */
export type AfterStop = 'removal' | 'rest' | 'restart' | 'throttled-restart';

/** When a dead one is tried again. */
export function nextTryOf(phase: VassalPhase): number | undefined {
  return isDead(phase) ? phase.until : undefined;
}

/** The process id, while there is one. */
export function pidOf(phase: VassalPhase): number | undefined {
  return isLive(phase) ? phase.pid : undefined;
}

export function isDead(phase: VassalPhase): phase is DeadPhase {
  return phase.name !== 'reloading' && 'until' in phase;
}

export function isLive(phase: VassalPhase): phase is LivePhase {
  return 'pid' in phase;
}

/** It answers requests, or will when the first one comes. */
export function isServing(phase: VassalPhase): boolean {
  switch (phase.name) {
    case 'waiting':
    case 'spawned':
    case 'ready':
    case 'loyal':
    case 'reloading':
      return true;
    case 'invalid':
      return isLive(phase);
    case 'queued':
    case 'starting':
    case 'cursed':
    case 'exiled':
    case 'stopping':
    case 'stopped':
    case 'removed':
      return false;
    default:
      return phase satisfies never;
  }
}
