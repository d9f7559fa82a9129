import { spawnSync } from 'node:child_process';

import type { Rig } from './rig.ts';
import { patienceMs, within } from './until.ts';

/** Options of a test that looks through a real browser: skipped, by name, where there is none. */
export const browserNeeded: { readonly skip: string | false } = {
  skip: spawnSync('chromium', ['--version']).status !== 0 && 'chromium is missing (apt-get install chromium)',
};

interface Reply {
  readonly id?: number;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
  readonly method?: string;
}

/** One tab of a headless Chromium, driven over its DevTools protocol. */
export class BrowserTab implements AsyncDisposable {
  readonly #socket: WebSocket;
  readonly #replies = new Map<number, (reply: Reply) => void>();
  #loaded: () => void = () => {};
  #lastId = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener('message', ({ data }) => {
      this.#receive(JSON.parse(String(data)) as Reply);
    });
  }

  /** Starts a browser with nothing in its cache. */
  static async open(rig: Rig): Promise<BrowserTab> {
    const program = await rig.start(
      [
        'chromium',
        '--headless',
        '--no-sandbox',
        '--disable-gpu',
        '--disable-dev-shm-usage',
        '--no-first-run',
        '--autoplay-policy=no-user-gesture-required',
        '--remote-debugging-port=0',
        `--user-data-dir=${rig.path('browser')}`,
        'about:blank',
      ],
      { stopSignal: 'SIGTERM' },
    );
    const [, browser = ''] = await program.waitForLog(/^DevTools listening on (ws:\/\/\S+)$/);
    const targets = (await (await fetch(`http://${new URL(browser).host}/json`)).json()) as {
      readonly type: string;
      readonly webSocketDebuggerUrl: string;
    }[];
    const socket = new WebSocket(targets.find(({ type }) => type === 'page')?.webSocketDebuggerUrl ?? '');
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    socket.addEventListener('open', () => {
      resolve();
    });
    socket.addEventListener('error', () => {
      reject(new Error('no connection to the tab'));
    });
    await promise;
    const tab = new BrowserTab(socket);
    await tab.#command('Page.enable');
    return tab;
  }

  /** Goes to a page and waits until it and what it needs are there. */
  async visit(url: string): Promise<void> {
    await this.#load('Page.navigate', { url });
  }

  /** As the reload button does: what is in the cache is asked for again, if it must be. */
  async reload(): Promise<void> {
    await this.#load('Page.reload');
  }

  /** A screen of this size, as a phone has it, in the dark or not. */
  async pretend(screen: { readonly width: number; readonly height: number; readonly dark: boolean }): Promise<void> {
    const { width, height, dark } = screen;
    await this.#command('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: true });
    const value = dark ? 'dark' : 'light';
    await this.#command('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value }] });
  }

  /** Presses a key and lets it go, such as `j`, `Enter`, `Escape`. */
  async press(key: string): Promise<void> {
    const text = key === 'Enter' ? '\r' : key;
    const isCharacter = text.length === 1;
    const windowsVirtualKeyCode = key === 'Enter' ? 13 : key === 'Escape' ? 27 : text.toUpperCase().charCodeAt(0);
    const event = { key, windowsVirtualKeyCode, ...(isCharacter ? { text } : {}) };
    await this.#command('Input.dispatchKeyEvent', { type: isCharacter ? 'keyDown' : 'rawKeyDown', ...event });
    await this.#command('Input.dispatchKeyEvent', { type: 'keyUp', key, windowsVirtualKeyCode });
  }

  /** Value of an expression, or of the promise that it makes, in the page. */
  async evaluate(expression: string): Promise<unknown> {
    const reply = (await this.#command('Runtime.evaluate', {
      expression,
      returnByValue: true,
      awaitPromise: true,
    })) as { readonly result: { readonly value?: unknown } };
    return reply.result.value;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#command('Browser.close').catch(() => undefined);
    this.#socket.close();
  }

  async #load(method: string, params: object = {}): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#loaded = resolve;
    await this.#command(method, params);
    await within(patienceMs, `the page after ${method}`, promise);
  }

  async #command(method: string, params: object = {}): Promise<unknown> {
    const id = ++this.#lastId;
    const { promise, resolve } = Promise.withResolvers<Reply>();
    this.#replies.set(id, resolve);
    this.#socket.send(JSON.stringify({ id, method, params }));
    const { result, error } = await within(patienceMs, method, promise);
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result;
  }

  #receive(reply: Reply): void {
    if (reply.method === 'Page.loadEventFired') this.#loaded();
    if (reply.id === undefined) return;
    this.#replies.get(reply.id)?.(reply);
    this.#replies.delete(reply.id);
  }
}
