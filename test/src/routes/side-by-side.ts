import { cpSync } from 'node:fs';

import { ask, exchangeBytes, request } from '../rig/http-client.ts';
import type { Program } from '../rig/program.ts';
import type { Rig } from '../rig/rig.ts';
import { oursOnly, skipFor, realUwsgiEnvironment, repository, subject } from '../rig/subject.ts';
import { until } from '../rig/until.ts';
import { needs } from '../run/parts.ts';
import { workerSpawned } from '../tutorial/expect.ts';

/** Options of tests that run ours beside the real uWSGI. */
export const besideUwsgi: { readonly skip: string | false } = skipFor(needs('uwsgi'), oursOnly);

/** Something that rules do, tried on both programs in the same instance as all others. */
export interface RouteCase {
  /** The line of the table: what is tried. */
  readonly title: string;
  /** Lines of the configuration, asked only for requests of this case. `HERE` stands for the path of the case, `/c7`, `DIRECTORY` for that of the instance. */
  readonly rules: readonly string[];
  /** `METHOD URI` with `HERE` in it; `GET HERE/` when not given. */
  readonly line?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Where ours differs on purpose: what it answers instead (without `Connection`), and why. */
  readonly ours?: { readonly because: string; readonly answer: RegExp };
}

export interface Contestant {
  readonly program: Program;
  readonly port: number;
}

export interface Pair {
  readonly ours: Contestant;
  readonly theirs: Contestant;
}

const PLUGINS = [
  'python3',
  'http',
  'logfile',
  'logsocket',
  'rsyslog',
  'router_basicauth',
  'router_expires',
  'router_hash',
  'router_http',
  'router_redirect',
  'router_rewrite',
  'router_static',
  'router_uwsgi',
  'transformation_gzip',
  'transformation_chunked',
  'transformation_toupper',
  'transformation_template',
  'transformation_tofile',
].join(',');

/**
 * Starts our vassal and the real uWSGI on the same configuration, an app that tells what it was told, and a port each.
 * @param waitsFor what tells that they have started: their log, or an answer where the log goes elsewhere
 */
export async function startBoth(
  rig: Rig,
  lines: readonly string[],
  app: string = 'told',
  waitsFor: 'log' | 'answer' = 'log',
): Promise<Pair> {
  cpSync(`${repository}test/fixtures/apps/${app}.py`, rig.path('app.py'));
  const start = async (
    name: string,
    command: readonly string[],
    environment: Readonly<Record<string, string>>,
  ): Promise<Contestant> => {
    const port = await rig.port();
    const text = ['[uwsgi]', 'master = true', `http-socket = 127.0.0.1:${port}`, 'module = app', ...lines, ''];
    const program = await rig.start([...command, rig.write(`${name}.ini`, text.join('\n'))], { environment });
    if (waitsFor === 'log') await program.waitForLog(workerSpawned);
    else await until(`${name} answers`, async () => (await ask(port, 'GET /').catch(() => undefined)) !== undefined);
    return { program, port };
  };
  const [ours, theirs] = await Promise.all([
    start('ours', subject.vassal, subject.environment),
    start('theirs', ['uwsgi'], { ...realUwsgiEnvironment, UWSGI_PLUGIN: PLUGINS }),
  ]);
  return { ours, theirs };
}

const PHASES = ['response-', 'error-', 'final-'] as const;

/** The rules of a case with a jump around them, for requests that are not its own. */
export function fence({ rules }: RouteCase, index: number, directory: string): string[] {
  const here = pathOf(index);
  const lines: string[] = [];
  for (const phase of ['', ...PHASES]) {
    const mine = rules.filter((rule) => phaseOf(rule) === phase);
    if (mine.length === 0) continue;
    const label = `past${phase}${index}`;
    lines.push(`${phase}route-if-not = startswith:\${REQUEST_URI};${here}/ goto:${label}`);
    lines.push(...mine.map((rule) => rule.replaceAll('HERE', here).replaceAll('DIRECTORY', directory)));
    lines.push(`${phase}route-label = ${label}`);
  }
  return lines;
}

/** What both answer to the request of a case, as text, without the headers that our connections add: `Connection`, and a length. */
export async function askBoth(pair: Pair, tried: RouteCase, index: number): Promise<{ ours: string; theirs: string }> {
  const line = (tried.line ?? 'GET HERE/').replaceAll('HERE', pathOf(index));
  const bytes = request(line, tried.headers, tried.body);
  const answer = async ({ port }: Contestant): Promise<string> =>
    (await exchangeBytes(port, bytes)).toString('latin1').replace(/^Connection: [a-z-]+\r\n/im, '');
  const [ours, theirs] = [await answer(pair.ours), await answer(pair.theirs)];
  return { ours: /^Content-Length: /m.test(theirs) ? ours : ours.replace(/^Content-Length: \d+\r\n/m, ''), theirs };
}

function pathOf(index: number): string {
  return `/c${index}`;
}

function phaseOf(rule: string): string {
  return PHASES.find((phase) => rule.startsWith(phase)) ?? '';
}
