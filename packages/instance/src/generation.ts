import { hostname } from 'node:os';

import { type Config, parseAddress } from '@emperor/config';
import type { Exchange, ExchangeHandler, TimerWheel } from '@emperor/http';
import { BackendGroup, type Counters, type ListenerSettings, Pipeline, RequestLogger, Upstream } from '@emperor/router';
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
  /** This is not the first generation (`uwsgi.is_a_reload`). */
  readonly isReload: () => boolean;
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
  readonly #upstream: Upstream | undefined;
  /** Exchanges that have begun and are not over. */
  #open = 0;
  #onIdle: (() => void) | undefined;
  #ended = false;

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
        appServerSettings(config, transport, log, this.#output.descriptor, context.isReload(), (event) =>
          context.onAppEvent(this, event),
        ),
      );
    } else {
      this.#output = undefined;
      this.app = undefined;
    }
    const { metric: _declarations, ...logOptions } = options;
    this.#requestLogger = new RequestLogger(log.requests, logOptions);
    const handlers: ExchangeHandler[] = [...parts.handlers];
    this.#upstream = this.#openUpstream();
    if (this.#upstream !== undefined) handlers.push(this.#upstream);
    if (this.app !== undefined) handlers.push(this.app);
    this.#pipeline = new Pipeline({ handlers, filters: parts.filters, headers: parts.headers, log: log.line });
  }

  /** How requests of a socket are to be taken and answered from now on. */
  listenerSettings(socket: InstanceSocket): ListenerSettings {
    const { protocol, name } = socket.request;
    if (protocol === 'stats') throw new Error('statistics have a server of their own');
    return {
      description: { protocol, name },
      port: socket.port > 0 ? String(socket.port) : '',
      limits: connectionLimits(this.config, protocol),
      keepAlive: keepsAlive(this.config, protocol),
      filters: protocol === 'uwsgi' ? [] : this.#parts.clientFilters,
      handle: protocol === 'http' || protocol === 'https' ? this.#handleRouted : this.#handle,
      finished: this.#finished,
      complain: this.#context.log.dated,
    };
  }

  readonly #handle = (exchange: Exchange): void => {
    this.#open++;
    this.#pipeline.handle(exchange);
  };

  /** The router adds variables of its own to what a client sent (`http-var`). */
  readonly #handleRouted = (exchange: Exchange): void => {
    for (const variable of this.config.options['http-var']) {
      const mark = variable.indexOf('=');
      if (mark > 0) exchange.variables.set(variable.slice(0, mark), variable.slice(mark + 1));
    }
    this.#handle(exchange);
  };

  readonly #finished = (exchange: Exchange): void => {
    const { counters } = this.#context;
    counters.count(exchange);
    // A pure router logs no requests: the app behind it does (UWSGI-FACTS 18.12).
    if (this.app !== undefined) this.#requestLogger.finished(exchange, counters.requests);
    this.#context.onFinished(exchange);
    this.#open--;
    if (this.#open === 0) this.#onIdle?.();
  };

  #openUpstream(): Upstream | undefined {
    const { options } = this.config;
    const names = options['http-to'];
    if (names.length === 0) return undefined;
    const { transport, wheel, log } = this.#context;
    const connectSeconds =
      options['http-connect-timeout'] > 0 ? options['http-connect-timeout'] : options['http-timeout'];
    return new Upstream({
      group: new BackendGroup(names.map((name) => ({ name, address: backendAddress(name) }))),
      fallbacks: options['http-fallback'].map((name) => ({ name, address: backendAddress(name) })),
      transport,
      wheel,
      connectTimeoutMs: connectSeconds * 1000,
      responseTimeoutMs: options['http-timeout'] * 1000,
      modifier1: options['http-modifier1'],
      modifier2: options['http-modifier2'],
      quiet: options['http-quiet'],
      collectBytes: options['post-buffering'],
      log: log.dated,
    });
  }

  /** Its requests are answered, for as long as `mercyMs`, then its workers end. No new request comes to it any more. */
  async retire(mercyMs: number, reason: 'reload' | 'stop'): Promise<void> {
    const deadline = performance.now() + mercyMs;
    if (this.#open > 0) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#onIdle = resolve;
      const timer = setTimeout(resolve, mercyMs);
      await promise;
      clearTimeout(timer);
    }
    await this.#end(Math.max(0, deadline - performance.now()), reason);
  }

  /** Ends now: requests in progress are lost. */
  async stop(): Promise<void> {
    await this.#end(0, 'stop');
  }

  async #end(graceMs: number, reason: 'reload' | 'stop'): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    this.#upstream?.close();
    if (reason === 'reload') await this.app?.drain(graceMs);
    else await this.app?.stop(graceMs);
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
