import type { FileOwner } from '../monitor/vassal-file.ts';
import { becoming, confine, isConfined } from './confinement.ts';
import type { VassalLaunch } from './vassal-launch.ts';

/** The gate opens when this descriptor has a line to read. */
export const GATE_DESCRIPTOR = 4;

export interface Spawnable {
  readonly file: string;
  readonly arguments: readonly string[];
  /** It waits for a line on `GATE_DESCRIPTOR` before it does anything. */
  readonly hasGate: boolean;
}

/**
 * What is spawned for a launch. What has to happen in the process before it becomes the vassal is done by a shell that then
 * gives its place to the vassal: the process id stays.
 */
export function launchScript(launch: VassalLaunch): Spawnable {
  const { name, group, startHook, confinement, user } = launch;
  const [file = '', ...words] = [
    ...(isConfined(confinement) ? confine(confinement, user) : []),
    launch.file,
    ...launch.arguments,
  ];
  const hasGate = group !== undefined;
  const steps = [
    ...(hasGate ? [waitAtGate()] : []),
    ...(startHook === undefined ? [] : [runHook(startHook, name, isConfined(confinement) ? user : undefined)]),
  ];
  if (steps.length === 0) return { file, arguments: words, hasGate };
  return { file: '/bin/sh', arguments: ['-c', [...steps, 'exec "$@"'].join('\n'), 'sh', file, ...words], hasGate };
}

/** An emperor that dies meanwhile never opens it. */
function waitAtGate(): string {
  return `read -r _ <&${GATE_DESCRIPTOR} || exit 1\nexec ${GATE_DESCRIPTOR}<&-`;
}

/** With the lines that uWSGI prints. Whatever comes of it, the vassal is started. */
function runHook(hook: readonly string[], name: string, user: FileOwner | undefined): string {
  const say = (sentence: string): string => `printf '%s\\n' ${sentence} >&2`;
  const told = quote(`[emperor] running vassal start-hook: ${[...hook, name].join(' ')}`);
  const command = [...becoming(user), ...hook, name].map(quote).join(' ');
  return [say(told), `${command} </dev/null 3>&-`, say(`${quote(`[emperor] ${name} start-hook returned `)}"$?"`)].join(
    '\n',
  );
}

/** As one word of a shell. */
function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
