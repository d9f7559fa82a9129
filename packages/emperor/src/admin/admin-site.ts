import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { EmperorError } from '../emperor-error.ts';
import { createServer } from '../node-http.ts';
import type { AdminApi } from './admin-api.ts';
import { answerApi } from './admin-routes.ts';
import { dashboardAsset, PUBLIC_ASSETS } from './dashboard-assets.ts';
import { LiveStream, SharedTicker } from './live-stream.ts';
import { COOKIE, type Refusal, type SiteGuard } from './site-guard.ts';
import { SAMPLE_INTERVAL_MS, SampleBook } from './vassal-samples.ts';
import { sendJson, sendWhole } from './whole-answer.ts';

/*
 * Beside the API (see admin-routes.ts), and with the dashboard only:
 *
 *   GET /login?token=TOKEN          a cookie, and back to the page
 *   GET /live?vassal=NAME           server-sent events: `status` (LiveStatus), `happened` (EventLine), and of NAME `vassal` (VassalStatus)
 *                                   and `output` (EventLine)
 *   GET /samples?vassal=NAME        VassalSamples
 *   GET /, /NAME.js, /NAME.css …    the page
 */

/** What the page is told every so often. */
const LIVE_INTERVAL_MS = 2000;

/** Of the sparklines in the list: the last ten minutes. */
const SPARKLINE_SAMPLES = 60;

/** Only what comes from here runs in the page, and no other page may frame it. */
const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cache-Control': 'no-store',
};

export interface AdminSiteOptions {
  /** A loopback address. */
  readonly host: string;
  readonly port: number;
  readonly guard: SiteGuard;
  /** Serves the page too. */
  readonly dashboard: boolean;
}

/** The admin address: the API, and the dashboard if asked for, over loopback TCP for those who have the token. */
export class AdminSite {
  readonly url: string;
  readonly #server: Server;
  readonly #samples = new SampleBook();
  #sampling: NodeJS.Timeout | undefined;

  private constructor(server: Server, { host }: AdminSiteOptions) {
    this.#server = server;
    const { port } = server.address() as AddressInfo;
    this.url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  }

  static async listen(api: AdminApi, options: AdminSiteOptions): Promise<AdminSite> {
    const { host, port } = options;
    const server = createServer({ requestTimeout: 10_000 });
    await new Promise<void>((done, failed) => {
      server.once('error', (error) => {
        failed(
          new EmperorError(
            `could not serve the admin address ${host}:${port}: ${error.message}; choose another one with --admin`,
            {
              cause: error,
            },
          ),
        );
      });
      server.listen(port, host, done);
    });
    server.unref();
    const site = new AdminSite(server, options);
    const visitors = new Visitors(api, options, site.#samples);
    server.on('request', (request, response) => visitors.answer(request, response));
    if (options.dashboard) site.#sample(api);
    return site;
  }

  async close(): Promise<void> {
    clearInterval(this.#sampling);
    const closed = new Promise((done) => this.#server.close(done));
    this.#server.closeAllConnections();
    await closed;
  }

  #sample(api: AdminApi): void {
    const take = async (): Promise<void> => this.#samples.add((await api.status()).vassals, Date.now());
    void take();
    this.#sampling = setInterval(() => void take(), SAMPLE_INTERVAL_MS).unref();
  }
}

class Visitors {
  readonly #api: AdminApi;
  readonly #options: AdminSiteOptions;
  readonly #samples: SampleBook;
  /** With the vassal that each looks at. */
  readonly #streams = new Map<LiveStream, string | undefined>();
  readonly #ticker: SharedTicker;

  constructor(api: AdminApi, options: AdminSiteOptions, samples: SampleBook) {
    this.#api = api;
    this.#options = options;
    this.#samples = samples;
    this.#ticker = new SharedTicker(LIVE_INTERVAL_MS, () => void this.#tellStatus([...this.#streams]));
  }

  answer(request: IncomingMessage, response: ServerResponse): void {
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value);
    const { guard, dashboard } = this.#options;
    const url = new URL(request.url ?? '/', 'http://emperor');
    const isPage = dashboard && (request.method === 'GET' || request.method === 'HEAD');
    if (isPage && url.pathname === '/login') return this.#login(request, url, response);
    const refusal = isPage && PUBLIC_ASSETS.has(url.pathname) ? guard.refuseStranger(request) : guard.refuse(request);
    if (refusal !== undefined) return this.#refuse(refusal, isPage && url.pathname === '/', response);
    if (isPage && this.#answerPage(url, response)) return;
    void answerApi(request, response, this.#api);
  }

  #refuse({ status, sentence }: Refusal, isPage: boolean, response: ServerResponse): void {
    const login = isPage && status === 401 ? dashboardAsset('/login.html') : undefined;
    if (login !== undefined) return sendWhole(response, status, login.type, login.body);
    if (status === 401) response.setHeader('WWW-Authenticate', 'Bearer realm="emperor"');
    sendJson(response, status, { error: sentence });
  }

  /** The token becomes a cookie that scripts cannot read and other sites cannot send. */
  #login(request: IncomingMessage, url: URL, response: ServerResponse): void {
    const { guard } = this.#options;
    // A link from elsewhere may lead here: it has to bring the token.
    const refusal = guard.isToken(url.searchParams.get('token'))
      ? undefined
      : (guard.refuseStranger(request) ?? { status: 401, sentence: 'that is not the token of the emperor' });
    if (refusal !== undefined) return this.#refuse(refusal, true, response);
    const token = url.searchParams.get('token') ?? '';
    response.writeHead(303, { Location: '/', 'Set-Cookie': `${COOKIE}=${token}; HttpOnly; SameSite=Strict; Path=/` });
    response.end();
  }

  /** @returns whether it was something of the page */
  #answerPage(url: URL, response: ServerResponse): boolean {
    if (url.pathname === '/live') {
      this.#live(url.searchParams.get('vassal') ?? undefined, response);
      return true;
    }
    if (url.pathname === '/samples') {
      const samples = this.#samples.of(url.searchParams.get('vassal') ?? '');
      sendJson(response, 200, samples);
      return true;
    }
    const asset = dashboardAsset(url.pathname);
    if (asset === undefined) return false;
    sendWhole(response, 200, asset.type, asset.body);
    return true;
  }

  #live(vassal: string | undefined, response: ServerResponse): void {
    const stream = new LiveStream(response);
    this.#streams.set(stream, vassal);
    const unwant = this.#ticker.want();
    const forget = this.#api.recent.listen((line) => {
      if (line.event !== 'vassal-output') stream.send('happened', line);
      else if (line.vassal === vassal) stream.send('output', line);
    });
    response.on('close', () => {
      this.#streams.delete(stream);
      unwant();
      forget();
    });
    void this.#tellStatus([[stream, vassal]]);
  }

  async #tellStatus(streams: readonly (readonly [LiveStream, string | undefined])[]): Promise<void> {
    const closer = new Set(streams.flatMap(([, vassal]) => vassal ?? []));
    const { status, details } = await this.#api.look(closer);
    const sparklines = Object.fromEntries(
      status.vassals.map(({ name }) => [name, this.#samples.of(name, SPARKLINE_SAMPLES).requestsPerSecond]),
    );
    const live = JSON.stringify({ ...status, sparklines, allowsWrites: this.#options.guard.allowsWrites });
    for (const [stream, vassal] of streams) {
      stream.sendText('status', live);
      const detail = vassal === undefined ? undefined : details.get(vassal);
      if (detail !== undefined) stream.send('vassal', detail);
    }
  }
}
