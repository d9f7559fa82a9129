import { cpSync } from 'node:fs';

import { ask } from '../rig/http-client.ts';
import type { Program } from '../rig/program.ts';
import type { Rig } from '../rig/rig.ts';
import { realUwsgiEnvironment, repository, subject } from '../rig/subject.ts';

/** A server with caches, over HTTP and over the uwsgi protocol. */
export interface CachingInstance {
  readonly program: Program;
  readonly port: number;
  readonly socketPort: number;
}

export interface InstanceOptions {
  /** The directory below the rig's that is its own. */
  readonly name?: string;
  /** Of `test/fixtures/apps`. */
  readonly app?: string;
  /** The real one in place of ours. */
  readonly isUwsgi?: boolean;
  /** Where it listens, for one that takes the place of another. */
  readonly port?: number;
}

const plugins = { UWSGI_PLUGIN: 'python3,router_cache,cache,transformation_gzip' };

/** Starts one with these lines in its `uwsgi.ini`, and waits until it serves. */
export async function startCaching(
  rig: Rig,
  lines: readonly string[],
  { name = 'site', app = 'cache_calls', isUwsgi = false, port: given }: InstanceOptions = {},
): Promise<CachingInstance> {
  const port = given ?? (await rig.port());
  const socketPort = await rig.port();
  rig.write(
    `${name}/uwsgi.ini`,
    [
      '[uwsgi]',
      'master = true',
      `http-socket = 127.0.0.1:${port}`,
      `socket = 127.0.0.1:${socketPort}`,
      'wsgi-file = app.py',
      ...lines,
      '',
    ].join('\n'),
  );
  cpSync(`${repository}test/fixtures/apps/${app}.py`, rig.path(name, 'app.py'));
  const program = await rig.start([...(isUwsgi ? ['uwsgi'] : subject.vassal), 'uwsgi.ini'], {
    workingDirectory: name,
    environment: isUwsgi || subject.isUwsgi ? { ...realUwsgiEnvironment, ...plugins } : {},
  });
  await program.waitForLog(/^spawned uWSGI worker 1 /);
  return { program, port, socketPort };
}

/** The results of Python expressions in the app. */
export async function evaluate(port: number, ...expressions: readonly string[]): Promise<string[]> {
  const { body } = await ask(port, 'POST /', {}, expressions.join('\n'));
  return body.toString().split('\n');
}

/** The body of a page. */
export async function page(
  port: number,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<string> {
  return (await ask(port, `GET ${path}`, headers)).body.toString();
}
