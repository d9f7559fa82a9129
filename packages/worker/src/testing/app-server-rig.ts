import { mkdtempSync, openSync, readFileSync, rmSync, closeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { NodeTransport } from '@emperor/transport';

import { AppServer } from '../app-server.ts';
import type { AppServerEvent } from '../events.ts';
import type { AppServerSettings, AppSource } from '../settings.ts';
import { FakeBody, FakeExchange } from './fake-exchange.ts';

const FIXTURES = fileURLToPath(new URL('../../fixtures', import.meta.url));

/** What a test may choose; the rest is as in an instance with one worker. */
export type RigSettings = Partial<Omit<AppServerSettings, 'app' | 'log' | 'onEvent' | 'transport'>> & {
  app?: AppSource;
};

/** An app server with real Python processes and exchanges of the test's own. Disposing of it checks that nothing is left. */
export class AppServerRig implements AsyncDisposable {
  readonly server: AppServer;
  readonly lines: string[] = [];
  readonly events: AppServerEvent[] = [];
  readonly #directory: string;
  readonly #output: number;
  #waiting: (() => void)[] = [];
  #stopped = false;

  constructor(settings: RigSettings = {}) {
    this.#directory = mkdtempSync(join(tmpdir(), 'app-server-'));
    this.#output = openSync(join(this.#directory, 'output'), 'a');
    this.server = new AppServer({
      interpreter: { program: process.env['PYTHON_UNDER_TEST'] },
      environment: process.env,
      outputDescriptor: this.#output,
      processes: 1,
      threads: 1,
      offloadThreads: 0,
      cheaper: undefined,
      harakiriSeconds: 0,
      maxRequests: 0,
      minWorkerLifetimeSeconds: 0,
      workerReloadMercySeconds: 10,
      queueLimit: 1000,
      version: '2.1.0-test',
      nodeName: 'testhost',
      webSocket: { pingSeconds: 30, pongSeconds: 3, maxMessageBytes: 1_048_576 },
      ...settings,
      app: { pythonpath: [FIXTURES], ...settings.app },
      transport: new NodeTransport(),
      log: { line: (text) => this.#keep(text), dated: (text) => this.#keep(text) },
      onEvent: (event) => {
        this.events.push(event);
        this.#wake();
      },
    });
  }

  /** Runs a fixture. */
  static async started(module: string, settings: RigSettings = {}): Promise<AppServerRig> {
    const rig = new AppServerRig({ ...settings, app: { module, ...settings.app } });
    await rig.start();
    return rig;
  }

  async start(): Promise<void> {
    await this.server.boot();
    await this.server.load();
    await this.server.spawn();
  }

  /** What the Python processes have written. */
  get output(): string {
    return readFileSync(join(this.#directory, 'output'), 'utf8');
  }

  /** Hands an exchange over without waiting for its answer. */
  send(variables: Record<string, string> | string = {}, body?: FakeBody | string): FakeExchange {
    const exchange = new FakeExchange(typeof variables === 'string' ? { PATH_INFO: variables } : variables, body);
    this.server.handle(exchange);
    return exchange;
  }

  async get(variables: Record<string, string> | string = {}, body?: FakeBody | string): Promise<FakeExchange> {
    const exchange = this.send(variables, body);
    await exchange.done;
    return exchange;
  }

  /** Resolves when something the test waits for has happened (looked at after every line and event). */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  async line(pattern: RegExp): Promise<string> {
    await this.until(() => this.lines.some((line) => pattern.test(line)));
    return this.lines.find((line) => pattern.test(line)) ?? '';
  }

  async stop(graceMs = 5000): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    await this.server.stop(graceMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    closeSync(this.#output);
    rmSync(this.#directory, { recursive: true });
  }

  #keep(text: string): void {
    this.lines.push(text);
    this.#wake();
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
