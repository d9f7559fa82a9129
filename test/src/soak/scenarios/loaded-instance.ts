import { Load } from '../../rig/load.ts';
import type { Program } from '../../rig/program.ts';
import type { Rig } from '../../rig/rig.ts';

/** An app that can be slow, and asked for a reload. */
const APP = `
import time

def application(environ, start_response):
    path = environ['PATH_INFO']
    if path == '/reload':
        import uwsgi
        uwsgi.reload()
    elif path == '/slow':
        time.sleep(0.2)
    start_response('200 OK', [('Content-Type', 'text/plain')])
    return [b'done']
`;

/** A vassal under load: clients with open connections, and others that open one per request. */
export class LoadedInstance implements AsyncDisposable {
  readonly vassal: Program;
  readonly port: number;
  readonly kept: Load;
  readonly fresh: Load;

  private constructor(vassal: Program, port: number, pauseMs: number) {
    this.vassal = vassal;
    this.port = port;
    this.kept = new Load({ port, clients: 4, keepAlive: true, pauseMs });
    this.fresh = new Load({ port, clients: 2, keepAlive: false, pauseMs });
  }

  /**
   * Starts it with these lines of configuration, and waits until answers come.
   * @param pauseMs what each client takes between two requests; without it they keep all workers busy
   */
  static async start(rig: Rig, lines: readonly string[], pauseMs: number = 0): Promise<LoadedInstance> {
    const port = await rig.port();
    rig.write('app.py', APP);
    const head = [
      '[uwsgi]',
      'master = true',
      `http-socket = 127.0.0.1:${port}`,
      'module = app',
      'disable-logging = true',
    ];
    rig.write('uwsgi.ini', [...head, ...lines, ''].join('\n'));
    const vassal = await rig.vassal(['uwsgi.ini']);
    await vassal.waitForLog(/^spawned uWSGI worker 1 /);
    const instance = new LoadedInstance(vassal, port, pauseMs);
    await instance.more(20);
    return instance;
  }

  /** Requests that were not answered 200. */
  get bad(): number {
    return this.kept.bad + this.fresh.bad;
  }

  /** The longest time without an answer to the clients with open connections. */
  get longestGapMs(): number {
    return this.kept.longestGapMs;
  }

  summary(): string {
    return `kept connections: ${this.kept.summary()}; fresh ones: ${this.fresh.summary()}`;
  }

  /** Waits for so many answers of each kind. */
  async more(count: number): Promise<void> {
    await Promise.all([this.kept.more(count), this.fresh.more(Math.ceil(count / 4))]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.kept.stop(), this.fresh.stop()]);
  }
}
