import type { Config, Options } from '@emperor/config';

import type { AdminSiteWish } from './admin/admin.ts';
import { EmperorError } from './emperor-error.ts';
import { readHookAction, type HookAction } from './hooks/hook-action.ts';
import type { TyrantMode } from './monitor/tyrant.ts';
import type { SeedSources } from './attributes/seed-reader.ts';
import { readCapabilities, readNamespaces, type Confinement } from './vassal/confinement.ts';
import type { ThrottlePolicy } from './vassal/throttle.ts';
import { splitCommand } from './vassal/vassal-command.ts';

/** What an emperor is told to do, free of any option syntax. */
export interface EmperorSettings {
  /** Globs and directories, as given. */
  readonly patterns: readonly string[];
  readonly scanIntervalMs: number;
  readonly followSymlinks: boolean;
  readonly tyrant: TyrantMode;
  /** With their dots. */
  readonly extraExtensions: readonly string[];
  /** Which sockets are held for vassals, and how much they may use. */
  readonly seeds: SeedSources;
  readonly throttle: ThrottlePolicy;
  /** The time a vassal gets to end by itself before it is killed. */
  readonly stopMercyMs: number;
  /** The longest silence of a vassal that sends heartbeats (`emperor-required-heartbeat`). */
  readonly heartbeatToleranceMs: number;
  /** At the end vassals are asked to finish their requests (`emperor-graceful-shutdown`). */
  readonly gracefulShutdown: boolean;
  /** Options for every vassal, before the one that names its configuration. */
  readonly argumentsBefore: readonly string[];
  /** And after it. */
  readonly argumentsAfter: readonly string[];
  /** Programs to run vassals with in place of ours. */
  readonly wrappers: {
    /** Tried before the ordinary one. */
    readonly overrides: readonly string[];
    readonly ordinary: string | undefined;
    /** Tried after it. */
    readonly fallbacks: readonly string[];
  };
  readonly confinement: Confinement;
  /** Commands run with the name of a vassal, as words. */
  readonly hooks: {
    /** In the vassal's process, before it becomes the vassal. */
    readonly start: readonly string[] | undefined;
    /** When it has ended. */
    readonly stop: readonly string[] | undefined;
    /** Run in the emperor when it has been launched. */
    readonly launched: readonly HookAction[];
    /** Run when the emperor starts. */
    readonly emperorStart: readonly HookAction[];
  };
  /** What the emperor calls itself in lists of processes. */
  readonly processName: string | undefined;
  /** Where the document of `emperor-stats` is served. */
  readonly stats: string | undefined;
  /** Where `/metrics` is served. */
  readonly metrics: string | undefined;
  /** The admin address, for commands and the dashboard. */
  readonly adminSite: AdminSiteWish | undefined;
  readonly runtimeDirectory: string | undefined;
  /** Vassals end when the emperor does, however it does. */
  readonly dieWithEmperor: boolean;
  readonly pidFile: string | undefined;
  readonly welcome: boolean;
}

/** One that dies at once is not started again at once, whatever somebody wishes: it would do nothing else. */
const SHORTEST_DELAY_MS = 10;

/** Reads what concerns the emperor from a configuration of either scope. */
export function emperorSettings({ options }: Config): EmperorSettings {
  return {
    patterns: [...options.glob, ...options.emperor],
    scanIntervalMs: options['emperor-freq'] * 1000,
    followSymlinks: !options['emperor-nofollow'],
    tyrant: tyrantMode(options),
    extraExtensions: options['emperor-extra-extension'].map((each) => (each.startsWith('.') ? each : `.${each}`)),
    seeds: {
      sockets: {
        extension: options['emperor-on-demand-extension'],
        directory: options['emperor-on-demand-directory'],
        holdDirectory: options['emperor-hold-directory'],
        command: options['emperor-on-demand-exec'],
        isTyrant: options['emperor-tyrant'],
      },
      limits: {
        memoryBytes: options['vassals-limit-memory'] || undefined,
        cpuPercent: options['vassals-limit-cpu'] || undefined,
        processes: options['vassals-limit-pids'] || undefined,
      },
    },
    throttle: throttlePolicy(options),
    stopMercyMs: options['emperor-curse-tolerance'] * 1000,
    heartbeatToleranceMs: options['emperor-required-heartbeat'] * 1000,
    gracefulShutdown: options['emperor-graceful-shutdown'],
    argumentsBefore: [
      ...pairs('--inherit', options['vassals-inherit-before']),
      ...pairs('--include', options['vassals-include-before']),
      ...pairs('--set', options['vassal-set']),
    ],
    argumentsAfter: [
      ...pairs('--inherit', options['vassals-inherit']),
      ...pairs('--include', options['vassals-include']),
    ],
    wrappers: {
      overrides: options['emperor-wrapper-override'],
      ordinary: options['emperor-wrapper'],
      fallbacks: options['emperor-wrapper-fallback'],
    },
    confinement: {
      namespaces: readNamespaces(options['emperor-use-clone']),
      capabilities: readCapabilities(options['emperor-cap']),
    },
    hooks: {
      start: words(options['vassals-start-hook']),
      stop: words(options['vassals-stop-hook']),
      launched: [
        ...options['hook-as-emperor'].map(readHookAction),
        ...options['exec-as-emperor'].map((text) => ({ text, name: 'exec', argument: text }) as const),
      ],
      emperorStart: options['hook-emperor-start'].map(readHookAction),
    },
    processName: options['emperor-procname'],
    stats: options['emperor-stats'],
    metrics: options.metrics,
    adminSite: adminSite(options),
    runtimeDirectory: options['runtime-dir'],
    dieWithEmperor: options['die-with-emperor'],
    pidFile: options['emperor-pidfile'],
    welcome: options.welcome,
  };
}

function adminSite(options: Options): AdminSiteWish | undefined {
  const { admin: address } = options;
  if (address !== undefined) {
    return {
      address,
      tokenFile: options['admin-token-file'],
      dashboard: options.dashboard,
      allowsWrites: options['admin-writes'],
    };
  }
  if (options.dashboard) throw new EmperorError('the dashboard needs an address: add --admin 127.0.0.1:9118');
  return undefined;
}

function tyrantMode(options: Options): TyrantMode {
  if (!options['emperor-tyrant']) return 'off';
  if (process.getuid?.() !== 0) {
    throw new EmperorError('emperor-tyrant needs root: only root can run each vassal as the owner of its file');
  }
  return options['emperor-tyrant-nofollow'] ? 'nofollow' : 'follow';
}

/** Without a blacklist (`emperor-no-blacklist`) a failed vassal comes back with the next scan, as in uWSGI (UWSGI-FACTS 13.6). */
function throttlePolicy(options: Options): ThrottlePolicy {
  const scanIntervalMs = options['emperor-freq'] * 1000;
  if (options['emperor-no-blacklist']) return { baseDelayMs: scanIntervalMs, maximumDelayMs: scanIntervalMs };
  return {
    baseDelayMs: options['emperor-throttle'] || SHORTEST_DELAY_MS,
    maximumDelayMs: options['emperor-max-throttle'],
  };
}

function words(command: string | undefined): string[] | undefined {
  return command === undefined ? undefined : splitCommand(command);
}

function pairs(option: string, values: readonly string[]): string[] {
  return values.flatMap((value) => [option, value]);
}
