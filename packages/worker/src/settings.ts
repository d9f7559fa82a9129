import type { Transport } from '@emperor/transport';

import type { AppFigures } from './app-figures.ts';
import type { CheaperSettings } from './cheaper.ts';
import type { AppServerEvent } from './events.ts';
import type { LifetimeLimits } from './lifetime.ts';
import type { PythonBehaviour } from './python-behaviour.ts';
import type { InterpreterChoice } from './python-command.ts';
import type { WebSocketSettings } from './websocket-session.ts';

/** Where the app comes from: uWSGI's options of the same names. Sent to the zygote as it is (JSON). */
export interface AppSource {
  readonly module?: string;
  readonly wsgiFile?: string;
  readonly file?: string;
  readonly eval?: string;
  /** `paste`: a file of PasteDeploy, or a URI of its (`config:…`, `egg:…`). */
  readonly paste?: string;
  /** `paste-logger`: the file configures logging too. */
  readonly pasteLogging?: boolean;
  /** `uwsgi.magic_table`: what variables such as %n stand for in the configuration file. */
  readonly magicVariables?: Readonly<Record<string, string>>;
  /** Name of the callable; uWSGI's default is `application`. */
  readonly callable?: string;
  /** `mount`: mountpoint and file or module. */
  readonly mounts?: readonly (readonly [mountpoint: string, app: string])[];
  readonly manageScriptName?: boolean;
  /** In the order of the configuration: each is put in front of those before it. Globs are expanded. */
  readonly pythonpath?: readonly string[];
  readonly pyargv?: readonly string[];
  /** `pymodule-alias`: `name=module or file`. */
  readonly moduleAliases?: readonly string[];
  /** `import`: modules to import before the app. */
  readonly imports?: readonly string[];
  /** `py-autoreload`: looks every so many seconds whether the file of a loaded module has changed; 0 or absent: never. */
  readonly autoReloadSeconds?: number;
  /** Names of modules that may change. */
  readonly autoReloadIgnore?: readonly string[];
  /** Load the app in each worker instead of once before the fork. */
  readonly lazyApps?: boolean;
  /** Without an app there is nothing to run. */
  readonly needApp?: boolean;
  /** Tracebacks are sent to the client. */
  readonly catchExceptions?: boolean;
  /** An app whose client goes away gets an OSError when it writes (default). */
  readonly raisesWriteErrors?: boolean;
  /** `uwsgi.opt`: what the configuration says. */
  readonly options?: Readonly<Record<string, string | boolean | readonly (string | boolean)[]>>;
}

/** What Python processes do to give root up by themselves. */
export interface PythonPrivileges {
  /** After the interpreter has started, after the apps are loaded, or only in the workers. */
  readonly moment: 'init' | 'apps' | 'fork';
  /** -1 leaves it. */
  readonly uid: number;
  readonly gid: number;
  /** Further groups. */
  readonly groups: readonly number[];
  /** User whose groups are taken too; empty for none. */
  readonly userName: string;
}

/** Where lines for the log go. */
export interface AppServerLog {
  line(text: string): void;
  /** With the date in front, as uWSGI's verbose lines: `Sun Nov 22 16:20:07 2026 - text`. */
  dated(text: string): void;
}

export interface AppServerSettings extends LifetimeLimits {
  readonly app: AppSource;
  readonly interpreter: InterpreterChoice;
  readonly behaviour?: Partial<PythonBehaviour>;
  /** Environment of the Python processes. */
  readonly environment: NodeJS.ProcessEnv;
  /** Descriptor that becomes standard output and standard error of the Python processes. */
  readonly outputDescriptor: number;
  /** Most workers there are. */
  readonly processes: number;
  /** Requests a worker runs at the same time. */
  readonly threads: number;
  /** Only for the line that the log of uWSGI has. */
  readonly offloadThreads: number;
  readonly cheaper: CheaperSettings | undefined;
  /** `idle`: after so many seconds without requests the workers end until one comes; 0 or absent: never. */
  readonly idleSeconds?: number;
  /** `cheap`: the first workers start with the first request. */
  readonly startsCheap?: boolean;
  /** Seconds a request may run before its worker is killed; 0: for ever. */
  readonly harakiriSeconds: number;
  /** Time a worker has for its last request before it is killed. */
  readonly workerReloadMercySeconds: number;
  /** Requests that may wait for a worker; beyond it they are answered 503. */
  readonly queueLimit: number;
  /** Seconds after which clients are told to try again then. Default 1. */
  readonly retryAfterSeconds?: number;
  /** Where it counts what it does; of its own when absent. */
  readonly figures?: AppFigures;
  /** What apps see as uwsgi.version. */
  readonly version: string;
  /** `harakiri-graceful-timeout`: seconds between a signal to a stuck worker and its end by force. */
  readonly harakiriGracefulSeconds?: number;
  /** `harakiri-graceful-signal`. Default SIGTERM. */
  readonly harakiriGracefulSignal?: NodeJS.Signals;
  /** `harakiri-queue-threshold`: workers are only killed while at least so many requests wait. */
  readonly harakiriQueueThreshold?: number;
  /** `forkbomb-delay`: longest wait before a worker is started again that keeps dying at once. Default 2. */
  readonly forkbombDelaySeconds?: number;
  /** Absent: they are started with the rights they are to have. */
  readonly privileges?: PythonPrivileges | undefined;
  /** `chroot`: the directory that Python processes see as the whole file system; they are started as root then. */
  readonly jail?: string | undefined;
  /** `cpu-affinity`: processors per worker. */
  readonly cpuAffinity?: number;
  /** `limit-as`: address space of each Python process. */
  readonly limitAsBytes?: number;
  /** False without `master`: only changes a line of the log. */
  readonly hasMaster?: boolean;
  /** `uwsgi.is_a_reload`. */
  readonly isReload?: boolean;
  /** `uwsgi.buffer_size`. */
  readonly bufferBytes?: number;
  /** What `ps` shows (`auto-procname`, `procname-*`): `%d` is the number of the worker. Undefined leaves the command lines as they are. */
  readonly processNames?: { readonly zygote: string; readonly worker: string };
  readonly webSocket: WebSocketSettings;
  /** Host name: uwsgi.hostname. */
  readonly nodeName: string;
  readonly log: AppServerLog;
  readonly transport: Transport;
  readonly onEvent: (event: AppServerEvent) => void;
  /** What the Python sides of the services of the instance need to know (JSON), by the name of the service; asked anew for each zygote. */
  readonly services?: () => Readonly<Record<string, unknown>>;
  /** Answers, perhaps later, what functions of the uwsgi module ask and this package does not know. The app sees a rejection as an exception with its message. */
  readonly onCall?: (workerId: number, name: string, args: readonly unknown[]) => unknown;
}

/** With what an app server has found for itself. */
export interface PoolSettings extends AppServerSettings {
  readonly figures: AppFigures;
}
