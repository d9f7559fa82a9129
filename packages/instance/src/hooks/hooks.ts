import type { Config, Entry, OptionName } from '@emperor/config';

import type { InstanceLog } from '../instance-log.ts';
import { StartError } from '../start-error.ts';
import { performAction } from './hook-actions.ts';
import { runCommand, shellOf, startCommand } from './shell.ts';

/** The options of a moment and what the log calls it. */
interface MomentOptions {
  readonly hook?: OptionName;
  readonly exec?: OptionName;
  readonly title: string;
  /** How the line about a command of `exec-*` ends, where that differs. */
  readonly execTail?: () => string;
}

function asUser(): string {
  return `(as uid: ${process.getuid?.() ?? 0} gid: ${process.getgid?.() ?? 0}) ...`;
}

/** The moments of a start and an end at which an instance runs hooks, in their order. Each waits for what it runs. */
export type HookMoment =
  | 'asap'
  | 'pre-jail'
  | 'post-jail'
  | 'in-jail'
  | 'as-root'
  | 'as-user'
  | 'as-vassal'
  | 'pre-app'
  | 'post-app'
  | 'master-start'
  | 'as-user-atexit';

const MOMENTS: Readonly<Record<HookMoment, MomentOptions>> = {
  asap: { hook: 'hook-asap', exec: 'exec-asap', title: 'asap' },
  'pre-jail': { hook: 'hook-pre-jail', exec: 'exec-pre-jail', title: 'pre-jail' },
  'post-jail': { hook: 'hook-post-jail', exec: 'exec-post-jail', title: 'post-jail' },
  'in-jail': { hook: 'hook-in-jail', exec: 'exec-in-jail', title: 'in-jail' },
  'as-root': { hook: 'hook-as-root', exec: 'exec-as-root', title: 'as root' },
  'as-user': { hook: 'hook-as-user', exec: 'exec-as-user', title: 'as user', execTail: asUser },
  'as-vassal': { hook: 'hook-as-vassal', exec: 'exec-as-vassal', title: 'as vassal' },
  'pre-app': { hook: 'hook-pre-app', exec: 'exec-pre-app', title: 'pre app' },
  'post-app': { hook: 'hook-post-app', exec: 'exec-post-app', title: 'post app' },
  'master-start': { hook: 'hook-master-start', title: 'master-start' },
  'as-user-atexit': { hook: 'hook-as-user-atexit', exec: 'exec-as-user-atexit', title: 'atexit', execTail: asUser },
};

/** What can happen while an instance serves. Nobody waits for what is run then, and its failure is only logged. */
export type HookHappening =
  | 'post-fork'
  | 'accepting'
  | 'accepting-once'
  | 'accepting1'
  | 'accepting1-once'
  | 'as-mule'
  | 'emperor-stop'
  | 'emperor-reload'
  | 'emperor-lost';

const HAPPENINGS: Readonly<Record<HookHappening, OptionName>> = {
  'post-fork': 'hook-post-fork',
  accepting: 'hook-accepting',
  'accepting-once': 'hook-accepting-once',
  accepting1: 'hook-accepting1',
  'accepting1-once': 'hook-accepting1-once',
  'as-mule': 'hook-as-mule',
  'emperor-stop': 'hook-emperor-stop',
  'emperor-reload': 'hook-emperor-reload',
  'emperor-lost': 'hook-emperor-lost',
};

/** Runs the hooks of one moment, actions before commands, each in the order of the configuration. @throws StartError when one fails or is unknown */
export function runHooks(config: Config, moment: HookMoment, log: InstanceLog): void {
  const { hook, exec, title, execTail } = MOMENTS[moment];
  const tail = `(${title})...`;
  if (hook !== undefined) for (const entry of config.entriesOf(hook)) run(config, entry, entry.value, tail, log);
  if (exec === undefined) return;
  for (const entry of config.entriesOf(exec)) run(config, entry, `exec:${entry.value}`, execTail?.() ?? tail, log);
}

/** Those of the end. Nothing that fails here can be mended any more: it is only said. */
export function runLastHooks(config: Config, log: InstanceLog): void {
  try {
    runHooks(config, 'as-user-atexit', log);
  } catch (error) {
    log.line(error instanceof Error ? error.message : String(error));
  }
}

function run(config: Config, { key, value, origin }: Entry, action: string, tail: string, log: InstanceLog): void {
  log.line(`running "${value}" ${tail}`);
  try {
    performAction(action, {
      log: log.line,
      run: (command) => {
        log.flushSync(); // what it prints comes behind what announces it
        runCommand(shellOf(config), command);
      },
    });
  } catch (error) {
    if (error instanceof StartError) throw error;
    const place = origin.line > 0 ? `${origin.source}:${origin.line}` : origin.source;
    throw new StartError(`${place}: ${key} = ${value}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Runs the hooks of something that happens while it serves. */
export function runHappening(config: Config, happening: HookHappening, log: InstanceLog): void {
  for (const { value } of config.entriesOf(HAPPENINGS[happening])) runLive(config, value, happening, log);
}

/** Runs one action while it serves. @param title what it is about, for the log */
export function runLive(config: Config, action: string, title: string, log: InstanceLog): void {
  log.line(`running "${action}" (${title})...`);
  try {
    performAction(action, { log: log.line, run: (command) => startCommand(shellOf(config), command, log.dated) });
  } catch (error) {
    log.dated(`hook ${action} (${title}): ${error instanceof Error ? error.message : String(error)}`);
  }
}
