import { hostname } from 'node:os';

import { type Config, parseAddress } from '@emperor/config';
import type { ConnectionServer, Exchange, ExchangeHandler, TimerWheel } from '@emperor/http';
import {
  BackendGroup,
  type Counters,
  createListenerServer,
  Pipeline,
  RequestLogger,
  UwsgiUpstream,
} from '@emperor/router';
import type { SocketAddress, Transport } from '@emperor/transport';
import { AppServer, type AppServerEvent } from '@emperor/worker';

import { appServerSettings, wantsWorkers } from './app-settings.ts';
import type { InstanceLog } from './instance-log.ts';
import { connectionLimits, keepsAlive } from './listeners.ts';
import { openPythonOutput, type PythonOutput } from './python-output.ts';
import type { RouterParts } from './router-parts.ts';
import type { InstanceSocket } from './sockets.ts';
import { StartError } from './start-error.ts';

/** What outlives generations and is shared by them. */
export interface GenerationContext {
  readonly transport: Transport;
  readonly wheel: TimerWheel;
  readonly log: InstanceLog;
  readonly counters: Counters;
  readonly onAppEvent: (generation: Generation, event: AppServerEvent) => void;
  /** An exchange is over and logged. */
  readonly onFinished: (exchange: Exchange) => void;
}

/** Everything that comes from one reading of the configuration: routes, static files, backends, the app and its workers. */
export class Generation {
  readonly config: Config;
  readonly app: AppServer | undefined;
  readonly #context: GenerationContext;
  readonly #pipeline: Pipeline;
  readonly #parts: RouterParts;
  readonly #requestLogger: RequestLogger;
  readonly #output: PythonOutput | undefined;
  readonly #servers: ConnectionServer[] = [];

  constructor(config: Config, parts: RouterParts, context: GenerationContext) {
    this.config = config;
    this.#context = context;
    this.#parts = parts;
    const { options } = config;
    const { transport, log } = context;
    if (wantsWorkers(config)) {
      const ownLog =
        options.logger.length > 0 ||
        options.logto !== undefined ||
        options.logto2 !== undefined ||
        options.daemonize !== undefined;
      this.#output = openPythonOutput(
        transport,
        ownLog || options.logdate !== undefined || options['log-encoder'].length > 0,
        log.line,
      );
      this.app = new AppServer(
        appServerSettings(config, transport, log, this.#output.descriptor, (event) => context.onAppEvent(this, event)),
      );
    } else {
      this.#output = undefined;
      this.app = undefined;
    }
    const { metric: _declarations, ...logOptions } = options;
    this.#requestLogger = new RequestLogger(log.requests, logOptions);
    const handlers: ExchangeHandler[] = [...parts.handlers];
    const upstream = this.#upstream();
    if (upstream !== undefined) handlers.push(upstream);
    if (this.app !== undefined) handlers.push(this.app);
    this.#pipeline = new Pipeline({ handlers, filters: parts.filters, headers: parts.headers, log: log.line });
  }

  get connectionCount(): number {
    return this.#servers.reduce((sum, server) => sum + server.connectionCount, 0);
  }

  /** Takes the sockets over: connections accepted from now on are answered by this generation. */
  serve(sockets: Iterable<InstanceSocket>): void {
    for (const socket of sockets) {
      const server = this.#serverFor(socket);
      this.#servers.push(server);
      socket.accept = server.accept;
    }
  }

  #serverFor(socket: InstanceSocket): ConnectionServer {
    const { protocol, name } = socket.request;
    if (protocol === 'stats') throw new Error('statistics have a server of their own');
    const { log } = this.#context;
    return createListenerServer(
      {
        description: { protocol, name },
        port: socket.port > 0 ? String(socket.port) : '',
        limits: connectionLimits(this.config, protocol),
        keepAlive: keepsAlive(this.config, protocol),
        filters: protocol === 'uwsgi' ? [] : this.#parts.clientFilters,
        handle: this.#pipeline.handle,
        finished: this.#finished,
        complain: log.dated,
      },
      this.#context.wheel,
    );
  }

  readonly #finished = (exchange: Exchange): void => {
    const { counters } = this.#context;
    counters.count(exchange);
    // A pure router logs no requests: the app behind it does (UWSGI-FACTS 18.12).
    if (this.app !== undefined) this.#requestLogger.finished(exchange, counters.requests);
    this.#context.onFinished(exchange);
  };

  #upstream(): UwsgiUpstream | undefined {
    const { options } = this.config;
    const names = options['http-to'];
    if (names.length === 0) return undefined;
    const { transport, wheel, log } = this.#context;
    const connectSeconds =
      options['http-connect-timeout'] > 0 ? options['http-connect-timeout'] : options['http-timeout'];
    return new UwsgiUpstream({
      group: new BackendGroup(names.map((name) => ({ name, address: backendAddress(name) }))),
      transport,
      wheel,
      connectTimeoutMs: connectSeconds * 1000,
      responseTimeoutMs: options['http-timeout'] * 1000,
      modifier1: options['http-modifier1'],
      modifier2: options['http-modifier2'],
      log: log.dated,
    });
  }

  /** No new connection comes any more: current requests are answered, then connections and workers end. */
  async drain(mercyMs: number): Promise<void> {
    const drained = Promise.all(this.#servers.map((server) => server.drain()));
    let timer: NodeJS.Timeout | undefined;
    const mercy = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, mercyMs);
    });
    await Promise.race([drained, mercy]);
    clearTimeout(timer);
    for (const server of this.#servers) server.destroy();
    await this.app?.stop(mercyMs);
    this.#output?.close();
  }

  /** Ends now: requests in progress are lost. */
  async stop(): Promise<void> {
    for (const server of this.#servers) server.destroy();
    await this.app?.stop(0);
    this.#output?.close();
  }
}

function backendAddress(name: string): SocketAddress {
  const address = parseAddress(name);
  if (address.kind === 'unix') return address;
  if (address.kind === 'tcp')
    return { kind: 'tcp', host: address.host === '' ? '127.0.0.1' : address.host, port: address.port };
  throw new StartError(
    `http-to = ${name}: a backend is HOST:PORT or the path of a UNIX socket (${hostname()} has no shared sockets for it)`,
  );
}
