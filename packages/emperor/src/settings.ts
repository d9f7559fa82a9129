import type { Config } from '@emperor/config';

import type { ThrottlePolicy } from './vassal/throttle.ts';
import { splitCommand } from './vassal/vassal-command.ts';

/** What an emperor is told to do, free of any option syntax. */
export interface EmperorSettings {
  /** Globs and directories, as given. */
  readonly patterns: readonly string[];
  readonly scanIntervalMs: number;
  readonly followSymlinks: boolean;
  /** With their dots. */
  readonly extraExtensions: readonly string[];
  readonly throttle: ThrottlePolicy;
  /** The time a vassal gets to end by itself before it is killed. */
  readonly stopMercyMs: number;
  /** The longest silence of a vassal that sends heartbeats (`emperor-required-heartbeat`). */
  readonly heartbeatToleranceMs: number;
  /** Options for every vassal, before the one that names its configuration. */
  readonly argumentsBefore: readonly string[];
  /** And after it. */
  readonly argumentsAfter: readonly string[];
  /** The program that runs vassals in place of ours, split into words; empty for ours. */
  readonly wrapper: readonly string[];
  /** Where `/metrics` is served. */
  readonly metrics: string | undefined;
  readonly runtimeDirectory: string | undefined;
  readonly pidFile: string | undefined;
  readonly welcome: boolean;
}

/** The wait after a first failure, unless `emperor-throttle` says otherwise (DESIGN 5). */
const DEFAULT_BASE_DELAY_MS = 200;

/** Reads what concerns the emperor from a configuration of either scope. */
export function emperorSettings({ options }: Config): EmperorSettings {
  return {
    patterns: [...options.glob, ...options.emperor],
    scanIntervalMs: options['emperor-freq'] * 1000,
    followSymlinks: !options['emperor-nofollow'],
    extraExtensions: options['emperor-extra-extension'].map((each) => (each.startsWith('.') ? each : `.${each}`)),
    throttle: {
      baseDelayMs: options['emperor-throttle'] || DEFAULT_BASE_DELAY_MS,
      maximumDelayMs: options['emperor-max-throttle'],
    },
    stopMercyMs: options['emperor-curse-tolerance'] * 1000,
    heartbeatToleranceMs: options['emperor-required-heartbeat'] * 1000,
    argumentsBefore: [
      ...pairs('--include', options['vassals-include-before']),
      ...pairs('--inherit', options['vassals-inherit-before']),
    ],
    argumentsAfter: [
      ...pairs('--include', options['vassals-include']),
      ...pairs('--inherit', options['vassals-inherit']),
      ...pairs('--set', options['vassal-set']),
    ],
    wrapper: splitCommand(options['emperor-wrapper'] ?? ''),
    metrics: options.metrics,
    runtimeDirectory: options['runtime-dir'],
    pidFile: options['emperor-pidfile'],
    welcome: options.welcome,
  };
}

function pairs(option: string, values: readonly string[]): string[] {
  return values.flatMap((value) => [option, value]);
}
