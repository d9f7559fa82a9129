import type { VassalExit } from './vassal-exit.ts';

/** What a vassal says on the emperor socket (UWSGI-FACTS 13.11). */
export type VassalWord = 'spawned' | 'accepting' | 'loyal' | 'stop-me' | 'reload-refused' | 'heartbeat' | 'overloaded';

/** Who wants a reload: the file was touched, or is another one now; an operator; a signal to the emperor, for all. */
export type ReloadCause = 'touch' | 'edit' | 'operator' | 'signal';

export type VassalEvent =
  /** Somebody has connected to the socket of one that waits. */
  | { readonly type: 'connection' }
  /** Its socket is another one now, or it has got or lost one. */
  | { readonly type: 'socket-changed'; readonly onDemand: boolean }
  /** An operator wants it to run, on demand or not. */
  | { readonly type: 'start' }
  /** An operator wants it not to. */
  | { readonly type: 'stop' }
  /** Edited, replaced or touched. */
  | { readonly type: 'file-changed'; readonly by?: 'touch' | 'edit' }
  | { readonly type: 'file-removed' }
  /** Back while its former process has not ended yet. */
  | { readonly type: 'file-returned' }
  | { readonly type: 'launched'; readonly pid: number }
  | { readonly type: 'said'; readonly word: VassalWord }
  | { readonly type: 'exited'; readonly exit: VassalExit }
  /** The time of `deadlineOf` has come. */
  | { readonly type: 'deadline' }
  /** An operator, or SIGHUP of the emperor, asks for a reload. */
  | { readonly type: 'reload'; readonly by?: 'operator' | 'signal' }
  /** A new process, whatever becomes of the old one's clients. */
  | { readonly type: 'restart' }
  /** Failures so far shall not count: another try at once. */
  | { readonly type: 'forgive' }
  | { readonly type: 'emperor-stops' };

/** What the outside has to do, in this order. */
export type VassalAction =
  | 'await-connection'
  | 'ignore-connections'
  | 'enqueue'
  | 'dequeue'
  | 'send-reload'
  | 'send-stop'
  | 'send-graceful-stop'
  | 'terminate'
  | 'kill';
