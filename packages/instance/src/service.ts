import type { Config } from '@emperor/config';
import type { ExchangeHandler, PacketAnswer, TimerWheel, UwsgiPacket } from '@emperor/http';
import type { ControlJobs, ControlNextRun } from '@emperor/protocol';
import type { Counters } from '@emperor/router';
import type { Transport } from '@emperor/transport';
import type { AppServer } from '@emperor/worker';

import type { Commands } from './controls.ts';
import type { InstanceFigures } from './instance-figures.ts';
import type { InstanceLog } from './instance-log.ts';
import type { RuntimeDirectory } from './runtime-directory.ts';
import type { InstanceSocket } from './sockets.ts';

/** What outlives generations and is of use to all parts of them. */
export interface InstanceContext {
  readonly transport: Transport;
  readonly wheel: TimerWheel;
  readonly log: InstanceLog;
  readonly figures: InstanceFigures;
  /** The working directory of the start, where names of certificates count from. */
  readonly launchDirectory: string;
  /** What an operator can ask: reload, stop. */
  readonly commands: Commands;
  /** Tells the emperor, if there is one, that there is more to do than can be done. */
  readonly askForReinforcements: () => void;
  /** The sockets of the instance at the moment. */
  readonly sockets: () => readonly InstanceSocket[];
  /** For what only the processes of this instance share: made when its path is asked for, which `prepare` may. */
  readonly runtimeDirectory: RuntimeDirectory;
}

/** What the services of one generation may use of their instance. */
export interface ServiceContext extends InstanceContext {
  readonly counters: Counters;
  /** Where relative names of files count from: the working directory after `chdir`. */
  readonly directory: string;
  /** The app of the same generation; undefined for a pure router. */
  readonly app: () => AppServer | undefined;
}

/** Answers one function of the `uwsgi` module. Rejections reach the app as an exception with their message. */
export type ServiceCall = (args: readonly unknown[], workerId: number) => unknown;

/**
 * A part of an instance beside its listeners and its app: subscriptions, daemons, jobs, timers, the cache. Made anew from each reading
 * of the configuration; what is to outlive a reload is handed over by the predecessor.
 *
 * The order of its life: `prepare` (the app boots) `begin` (requests are answered) `retire` (requests under way are finished) `end`.
 * A service that was made may be ended without any of the others, when a configuration is refused.
 */
export interface Service {
  /** Handlers of requests, asked after the routes and static files and before the app. */
  readonly handlers?: readonly ExchangeHandler[];
  /** Functions of the `uwsgi` module that only this process can answer, by name. */
  readonly calls?: Readonly<Record<string, ServiceCall>>;
  /** What it does for letters of the master-fifo (UWSGI-FACTS 9.7). */
  readonly fifoCommands?: Readonly<Record<string, () => void>>;
  /** Answers a packet of the uwsgi protocol that is no request. @returns undefined for one that is none of its business */
  takePacket?(packet: UwsgiPacket): PacketAnswer | undefined;
  /** What its Python side needs to know (JSON); asked when a zygote starts. */
  pythonSettings?(): unknown;
  /** What an operator wants to know of it (JSON): daemons, jobs that wait, the next runs of a timer. Asked for each look at the status. */
  status?(): object | undefined;
  /** What its processes are there for, by pid; those that do not run have none. */
  roles?(): Iterable<readonly [pid: number, role: string]>;
  /** What the clock will start. Asked for when somebody looks at this instance alone, as are the jobs. */
  nextRuns?(): readonly ControlNextRun[];
  /** Its jobs, counted where they lie. */
  jobs?(): readonly ControlJobs[];
  /** Opens what it needs; privileges are dropped already. What the predecessor still uses is left alone. @throws StartError refuses the configuration */
  prepare?(): void | Promise<void>;
  /** This generation takes the requests from now on. What the predecessor has to hand over is taken here. */
  begin?(): void;
  /** Nothing new is to begin: the successor has begun, or the instance stops and finishes what it has accepted. */
  retire?(reason: 'reload' | 'stop'): void;
  /** Nothing of it may be left, except for what the successor has taken over. @param graceMs for what is still answering requests */
  end?(graceMs: number): void | Promise<void>;
}

/** A kind of service that configurations may ask for. */
export interface ServiceKind {
  /** Names its part of the settings of Python processes. */
  readonly name: string;
  /**
   * @param predecessor the one of this kind in the generation to be replaced
   * @returns undefined when the configuration does not ask for it
   * @throws StartError for options that cannot be understood
   */
  create(config: Config, context: ServiceContext, predecessor: Service | undefined): Service | undefined;
}
