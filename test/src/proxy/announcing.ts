import { ask } from '../rig/http-client.ts';
import type { Program } from '../rig/program.ts';
import type { Rig, StartOptions } from '../rig/rig.ts';
import { until } from '../rig/until.ts';

/** An app that says who it is, and for which host it was asked. */
export function writeNamedApp(rig: Rig, name: string): void {
  rig.write(
    `${name}.py`,
    [
      'def application(environ, start_response):',
      "    start_response('200 OK', [('Content-Type', 'text/plain')])",
      `    return [('${name} ' + environ['HTTP_HOST']).encode()]`,
      '',
    ].join('\n'),
  );
}

export interface Router {
  readonly program: Program;
  /** Where clients connect. */
  readonly port: number;
  /** Where vassals announce themselves. */
  readonly server: string;
}

/** Arguments of a router that is announced to. */
export async function routerArguments(
  rig: Rig,
  more: readonly string[] = [],
): Promise<{ args: string[] } & Omit<Router, 'program'>> {
  const port = await rig.port();
  const server = `127.0.0.1:${await rig.port()}`;
  const args = ['--master', '--http', `127.0.0.1:${port}`, '--http-subscription-server', server, ...more];
  return { args, port, server };
}

/** Our router. */
export async function startRouter(rig: Rig, more: readonly string[] = []): Promise<Router> {
  const { args, port, server } = await routerArguments(rig, more);
  const program = await rig.vassal(args);
  await program.waitForLog(/^spawned uWSGI http 1 /);
  return { program, port, server };
}

/** A vassal with an app of its own name that announces itself. */
export async function startAnnouncer(
  rig: Rig,
  name: string,
  options: readonly string[],
  start: Rig['vassal'] = (args, how) => rig.vassal(args, how),
  how?: StartOptions,
): Promise<Program> {
  writeNamedApp(rig, name);
  const socket = `127.0.0.1:${await rig.port()}`;
  const program = await start(['--master', '--socket', socket, '--wsgi-file', `${name}.py`, ...options], how);
  await program.waitForLog(/^spawned uWSGI worker 1 /);
  return program;
}

/** The body that a host is answered with; undefined where it is not answered with 200. */
export async function bodyOf(port: number, host: string): Promise<string | undefined> {
  const { status, body } = await ask(port, 'GET /', { Host: host });
  return status === 200 ? body.toString() : undefined;
}

/** Waits until a host is answered with this. */
export async function untilAnswered(port: number, host: string, body: string | undefined): Promise<void> {
  await until(`${host} is answered with ${body ?? 'an error'}`, async () => {
    const found = await bodyOf(port, host).catch(() => undefined);
    return found === body;
  });
}
