/**
 * Messages on the control channel between the vassal and a zygote: JSON objects, one a line. `fork` brings the new process's
 * end of its channel along (SCM_RIGHTS). `board` is the place of a worker's region on the progress board. `serial` numbers the processes of a vassal.
 */
import { StringDecoder } from 'node:string_decoder';
import type { Buffer } from 'node:buffer';

import type { PythonBehaviour } from './python-behaviour.ts';
import type { AppSource, PythonPrivileges } from './settings.ts';

/** The first message, read before anything else happens. */
export type ZygoteConfiguration = Required<
  Omit<AppSource, 'module' | 'wsgiFile' | 'file' | 'eval' | 'paste' | 'callable'>
> &
  Pick<AppSource, 'module' | 'wsgiFile' | 'file' | 'eval' | 'paste' | 'callable'> & {
    readonly processes: number;
    readonly threads: number;
    readonly version: string;
    readonly nodeName: string;
    readonly masterPid: number;
    readonly isReload: boolean;
    readonly bufferBytes: number;
    readonly cpuAffinity: number;
    readonly limitAsBytes: number;
    readonly privileges: PythonPrivileges | null;
    /** `chroot`; empty for none. */
    readonly jail: string;
    /** What `ps` shows; empty leaves it. `%d` is the number of the worker. */
    readonly zygoteName: string;
    readonly workerName: string;
    readonly behaviour: PythonBehaviour;
    /** What the Python sides of the instance's services need to know, by the name of the service. */
    readonly services: Readonly<Record<string, unknown>>;
  };

export interface ForkOrder {
  readonly type: 'fork';
  readonly serial: number;
  /** Module of `emperor_worker` whose `run` the new process is. */
  readonly role: 'worker' | 'mule' | 'spooler';
  /** What the role needs to know. */
  readonly task: object;
}

/** The task of a worker. */
export interface WorkerTask {
  readonly worker: number;
  readonly board: number;
}

export type ZygoteOrder =
  | { readonly type: 'load' }
  | ForkOrder
  /** The workers are gone, or live on without the zygote. */
  | { readonly type: 'end' };

/** One app as loaded. */
export interface LoadedApp {
  readonly id: number;
  readonly mountpoint: string;
  readonly seconds: number;
  /** An address, as uWSGI prints it. */
  readonly interpreter: string;
  /** What was mounted, for `mount`. */
  readonly source: string;
}

/** One that could not be loaded; the reason is in the log. */
export type FailedApp = Pick<LoadedApp, 'mountpoint' | 'source'>;

export type ZygoteReport =
  | {
      readonly type: 'hello';
      readonly pid: number;
      readonly version: string;
      readonly implementation: string;
      readonly prefix: string;
      readonly pythonpath: readonly string[];
    }
  | {
      readonly type: 'loaded';
      readonly apps: readonly LoadedApp[];
      readonly failed: readonly FailedApp[];
      /** Threads the app has started at import: they do not live on in the workers. */
      readonly threads: readonly string[];
      /** Where the sockets lead that the app has opened at import: all workers share them. */
      readonly sockets: readonly string[];
      /** What the app has asked the vassal for while it was imported: signals, timers. */
      readonly calls: readonly DeferredCall[];
    }
  | { readonly type: 'forked'; readonly serial: number; readonly pid: number }
  | { readonly type: 'notForked'; readonly serial: number; readonly reason: string }
  /** `signal` is 0 when the worker has exited with `status`. */
  | {
      readonly type: 'exited';
      readonly serial: number;
      readonly pid: number;
      readonly status: number;
      readonly signal: number;
    };

/** Name and arguments of a call whose answer nobody waits for. */
export type DeferredCall = readonly [name: string, args: readonly unknown[]];

/** News of a worker (NOTE frames) that its owner acts on. */
export type WorkerNews =
  /** Loaded in the worker itself (lazy-apps). */
  | {
      readonly type: 'apps';
      readonly pid: number;
      readonly apps: readonly LoadedApp[];
      readonly failed: readonly FailedApp[];
    }
  /** Loaded because a request asked for it; `loaded` apps were there before. */
  | {
      readonly type: 'app';
      readonly pid: number;
      readonly apps: readonly LoadedApp[];
      readonly failed: readonly FailedApp[];
      readonly loaded: number;
    }
  /** It got SIGTERM or SIGINT: it wants to end in order. */
  | { readonly type: 'leave' }
  | { readonly type: 'reload' }
  | { readonly type: 'stop' };

/** What a worker tells on its own channel (NOTE frames). */
export type WorkerNote =
  | WorkerNews
  | { readonly type: 'ready'; readonly pid: number }
  /** The function of a signal has returned. */
  | { readonly type: 'signalled' }
  /** A call whose answer nobody waits for. */
  | { readonly type: 'tell'; readonly name: string; readonly args: readonly unknown[] }
  /** A spooler or mule begins with something that must not take for ever, or works on; an empty text: it has finished. */
  | {
      readonly type: 'busy';
      readonly task: string;
      /** Jobs a spooler has ended since its last news. */
      readonly done?: number;
    }
  /** A spooler has run the job it was sent. `result` is null when the app's function has returned none of uWSGI's numbers. */
  | { readonly type: 'ran'; readonly result: number | null; readonly problem: string }
  | { readonly type: 'logvar'; readonly stream: number; readonly name: string; readonly value: string }
  | { readonly type: 'logRequest'; readonly stream: number }
  | { readonly type: 'harakiri'; readonly stream: number; readonly seconds: number };

/** What an app asks through its worker (CALL frames). */
export interface WorkerCall {
  readonly id: number;
  readonly name: string;
  readonly args: readonly unknown[];
}

/** Cuts a byte stream into lines of JSON. */
export class JsonLineDecoder {
  readonly #decoder = new StringDecoder('utf8');
  readonly #receive: (message: unknown) => void;
  #partial = '';

  constructor(receive: (message: unknown) => void) {
    this.#receive = receive;
  }

  push(chunk: Buffer): void {
    const lines = (this.#partial + this.#decoder.write(chunk)).split('\n');
    this.#partial = lines.pop() ?? '';
    for (const line of lines) this.#receive(JSON.parse(line));
  }
}
