import { ROUTER_SOCKETS, WORKER_SOCKETS } from '../socket-options.ts';
import type { Config } from '../load.ts';
import type { OptionName } from '../option-table.ts';

/** An address that an instance would bind, and the option that asks for it. */
export interface PlannedListener {
  readonly option: OptionName;
  readonly address: string;
  readonly origin: string;
}

/** What an instance would start, without starting it. */
export interface Plan {
  readonly listeners: readonly PlannedListener[];
  readonly backends: readonly string[];
  readonly workers: { readonly processes: number; readonly atStart: number; readonly threads: number };
  /** The app as it is named, or `undefined` for a router without one. */
  readonly app: string | undefined;
  readonly interpreter: string;
  /** Other processes, by the option that asks for them. */
  readonly beside: readonly { readonly option: OptionName; readonly value: string }[];
}

const LISTENERS = [...ROUTER_SOCKETS, ...WORKER_SOCKETS, 'stats', 'http-stats', 'http-subscription-server'] as const;
const BESIDE: readonly OptionName[] = [
  'attach-daemon',
  'attach-daemon2',
  'smart-attach-daemon',
  'smart-attach-daemon2',
  'attach-control-daemon',
  'spooler',
  'mule',
  'cron',
  'cron2',
  'unique-cron',
];

/** Says what an instance with this configuration would spawn and bind. */
export function planOf(config: Config): Plan {
  const { options } = config;
  const { processes, cheaper } = options;
  const initial = options['cheaper-initial'] === 0 ? cheaper : Math.max(options['cheaper-initial'], cheaper);
  const workers = {
    processes,
    atStart: options.cheap ? 0 : cheaper === 0 ? processes : initial,
    threads: Math.max(1, options.threads),
  };
  return {
    listeners: config.entriesOf(...LISTENERS).map(({ key, value, origin }) => ({
      option: key as OptionName,
      address: addressIn(key, value),
      origin: origin.line === 0 ? origin.source : `${origin.source}:${origin.line}`,
    })),
    backends: options['http-to'],
    workers,
    app:
      processes === 0 ? undefined : (options.module ?? options['wsgi-file'] ?? options.mount.join(', ')) || undefined,
    interpreter: options.virtualenv === undefined ? 'python3 of the PATH' : `${options.virtualenv}/bin/python`,
    beside: config.entriesOf(...BESIDE).map(({ key, value }) => ({ option: key as OptionName, value })),
  };
}

/** What an option that listens has beside the address comes behind a comma, or in pairs. */
function addressIn(option: string, value: string): string {
  if (!option.startsWith('https')) return value;
  return option === 'https2' ? (/(?:^|,)addr=([^,]*)/.exec(value)?.[1] ?? '') : (value.split(',')[0] ?? value);
}

/** The plan in a few lines. */
export function describePlan(plan: Plan): string[] {
  const { processes, atStart, threads } = plan.workers;
  const fewer = atStart === processes ? '' : `, ${atStart} at the start`;
  const each = threads === 1 ? '' : ` with ${threads} threads each`;
  const lines = plan.listeners.map(({ option, address }) => `binds   ${address} (${option})`);
  if (plan.listeners.length === 0) lines.push('binds   nothing');
  if (plan.backends.length > 0) lines.push(`sends   to ${plan.backends.join(', ')}`);
  lines.push(
    processes === 0
      ? 'spawns  no workers'
      : `spawns  ${count(processes, 'worker')}${each}${fewer}, app ${plan.app ?? 'none'}, ${plan.interpreter}`,
  );
  lines.push(...plan.beside.map(({ option, value }) => `spawns  ${option} ${value}`));
  return lines;
}

/** `1 worker`, `2 workers` */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
