import type { Config } from '@emperor/config';
import type { Exchange, ExchangeHandler } from '@emperor/http';
import { type ListenerSettings, Pipeline, RequestLogger, type RouteCaches } from '@emperor/router';
import { AppServer, type AppServerEvent, type AppServerSettings, memoryUsage } from '@emperor/worker';

import { appServerSettings, expectsApp, wantsWorkers } from './app-settings.ts';
import { outlivesEmperor } from './emperor-link.ts';
import { WorkerHooks } from './hooks/worker-hooks.ts';
import { connectionLimits, isRouter, keepsAlive, takesProxyProtocol } from './listeners.ts';
import { wantsMetrics } from './metrics/metrics-service.ts';
import { openPythonOutput, type PythonOutput } from './python-output.ts';
import { RequestIntake } from './request-intake.ts';
import { createRouterParts, type RouterParts } from './router-parts.ts';
import type { InstanceContext } from './service.ts';
import { Services } from './services.ts';
import type { InstanceSocket, SocketRequest } from './sockets.ts';
import { redirectToHttps } from './tls-redirect.ts';
import { StartError } from './start-error.ts';
import { Upstreams } from './upstreams.ts';

/** What outlives generations and is shared by them. */
export interface GenerationContext extends InstanceContext {
  /** This is not the first generation (`uwsgi.is_a_reload`). */
  readonly isReload: () => boolean;
  readonly onAppEvent: (generation: Generation, event: AppServerEvent) => void;
  /** An exchange is over and logged. */
  readonly onFinished: (exchange: Exchange) => void;
}

/** Everything that comes from one reading of the configuration: routes, static files, backends, services, the app and its workers. */
export class Generation {
  readonly config: Config;
  readonly app: AppServer | undefined;
  readonly #context: GenerationContext;
  readonly #intake: RequestIntake;
  readonly #pipeline: Pipeline;
  readonly #parts: RouterParts;
  readonly #requestLogger: RequestLogger;
  readonly #output: PythonOutput | undefined;
  readonly #upstreams: Upstreams;
  readonly #services: Services;
  /** Exchanges that are over: the log counts them anew with each generation, as uWSGI does. */
  #requests = 0;
  /** Exchanges that have begun and are not over. */
  #open = 0;
  #onIdle: (() => void) | undefined;
  #left = false;
  #ended = false;

  /**
   * @param directory where relative names of files count from
   * @param predecessor the generation that is to be replaced
   * @throws StartError for what is wrong with the configuration and only shows when it is used
   */
  constructor(config: Config, directory: string, context: GenerationContext, predecessor?: Generation) {
    this.config = config;
    this.#context = context;
    this.#intake = new RequestIntake(config);
    const { options } = config;
    const { transport, wheel, log } = context;
    this.#upstreams = new Upstreams(config, { transport, wheel, log: log.line });
    this.#services = new Services(
      config,
      { ...context, counters: context.figures.counters, directory, app: () => this.app },
      predecessor === undefined ? undefined : predecessor.#services,
    );
    const parts = createRouterParts(config, directory, {
      log: log.line,
      upstreams: this.#upstreams,
      caches: this.#routeCaches(),
      call: (name, args) => this.#services.call(name, args, 0),
      nextWorker: () => this.app?.nextWorker,
    });
    this.#parts = parts;
    if (wantsWorkers(config)) {
      const ownLog =
        options.logger.length > 0 ||
        options.logto !== undefined ||
        options.logto2 !== undefined ||
        options.daemonize !== undefined;
      this.#output = openPythonOutput(
        transport,
        ownLog || options.logdate !== undefined || options['log-encoder'].length > 0 || outlivesEmperor(process.env),
        log.printed,
      );
      const hooks = new WorkerHooks(config, log);
      this.app = makeAppServer(config, {
        ...appServerSettings(config, transport, log, this.#output.descriptor, context.isReload(), (event) => {
          hooks.on(event);
          context.onAppEvent(this, event);
        }),
        figures: context.figures.app,
        services: () => this.#services.pythonSettings(),
        onCall: (workerId, name, args) => this.#services.call(name, args, workerId),
      });
    } else {
      this.#output = undefined;
      this.app = undefined;
    }
    const { metric: _declarations, ...logOptions } = options;
    this.#requestLogger = new RequestLogger(log.requests, {
      ...logOptions,
      measureMemory: memoryUsage,
      ...(wantsMetrics(config) ? { metric: this.#readMetric } : {}),
    });
    const handlers: ExchangeHandler[] = [...parts.handlers, ...this.#services.handlers];
    if (this.app !== undefined) handlers.push(this.app);
    this.#pipeline = new Pipeline({
      handlers,
      filters: parts.filters,
      headers: parts.headers,
      expectsApp: expectsApp(config),
      log: log.line,
    });
  }

  /** The caches as the routes use them; what they have made anew goes the way of every request. */
  #routeCaches(): RouteCaches | undefined {
    const { caches } = this.#services;
    if (caches === undefined) return undefined;
    return {
      names: caches.names,
      find: (name) => caches.find(name),
      refresh: (exchange) => this.#handle(exchange),
      refreshed: () => this.#over(),
    };
  }

  readonly #readMetric = (name: string): number => Number(this.#services.call('metric_get', [name], 0));

  /** Lines for the log: routing tables, `added check for static/`. */
  get notices(): readonly string[] {
    return this.#parts.notices;
  }

  /** Has the services open what they need. @throws StartError */
  prepare(): Promise<void> {
    return this.#services.prepare();
  }

  /** What the services say of themselves, by name. */
  get servicesStatus(): Record<string, unknown> {
    return this.#services.status();
  }

  /** For those who look at it. */
  get services(): Pick<Services, 'roles' | 'nextRuns' | 'jobs'> {
    return this.#services;
  }

  /** Requests are answered from now on. */
  begin(): void {
    this.#services.begin();
  }

  /** Nothing new is to begin, apart from requests. */
  leave(reason: 'reload' | 'stop'): void {
    if (this.#left) return;
    this.#left = true;
    this.#services.retire(reason);
  }

  /** A letter of the master-fifo that services may understand. @returns false when none does */
  obey(letter: string): boolean {
    return this.#services.obey(letter);
  }

  /** How requests of a socket are to be taken and answered from now on. */
  listenerSettings(socket: InstanceSocket): ListenerSettings {
    const { protocol, name } = socket.request;
    if (protocol === 'stats') throw new Error('statistics have a server of their own');
    return {
      description: { protocol: protocol === 'http-to-https' ? 'http' : protocol, name },
      port: socket.port > 0 ? String(socket.port) : '',
      limits: connectionLimits(this.config, protocol),
      ignoresLostClients: this.config.options['ignore-write-errors'],
      keepAlive: keepsAlive(this.config, protocol),
      takesProxyProtocol: takesProxyProtocol(this.config, protocol),
      exportsCertificate: this.config.options['https-export-cert'],
      filters: protocol === 'uwsgi' ? [] : this.#parts.clientFilters,
      handle: this.#handlerOf(protocol),
      finished: this.#finished,
      takePacket: (packet) => this.#services.takePacket(packet),
      complain: this.#context.log.dated,
      say: this.#context.log.line,
    };
  }

  #handlerOf(protocol: SocketRequest['protocol']): (exchange: Exchange) => void {
    if (protocol === 'http-to-https') return this.#redirect;
    return isRouter(protocol) ? this.#handleRouted : this.#handle;
  }

  readonly #redirect = (exchange: Exchange): void => {
    this.#open++;
    redirectToHttps(exchange);
  };

  readonly #handle = (exchange: Exchange): void => {
    this.#open++;
    this.#pipeline.handle(exchange);
  };

  readonly #handleRouted = (exchange: Exchange): void => {
    this.#intake.amend(exchange.variables);
    this.#handle(exchange);
  };

  readonly #finished = (exchange: Exchange): void => {
    const { figures } = this.#context;
    this.#parts.finished?.(exchange);
    figures.count(exchange);
    // A pure router logs no requests: the app behind it does (UWSGI-FACTS 18.12).
    this.#requests++;
    if (this.app !== undefined) this.#requestLogger.finished(exchange, this.#requests);
    this.#context.onFinished(exchange);
    this.#over();
  };

  #over(): void {
    this.#open--;
    if (this.#open === 0) this.#onIdle?.();
  }

  /**
   * Its requests are answered, for as long as `mercyMs`, then its workers end. No new request comes to it any more.
   * @param namesWorkers a line is printed for each worker
   */
  async retire(mercyMs: number, reason: 'reload' | 'stop', namesWorkers: boolean): Promise<void> {
    const deadline = performance.now() + mercyMs;
    this.leave(reason);
    if (this.#open > 0) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#onIdle = resolve;
      const timer = setTimeout(resolve, mercyMs);
      await promise;
      clearTimeout(timer);
    }
    await this.#end(Math.max(0, deadline - performance.now()), namesWorkers);
  }

  /** Ends now: requests in progress are lost. */
  async stop(): Promise<void> {
    await this.#end(0, false);
  }

  async #end(graceMs: number, namesWorkers: boolean): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    this.#upstreams.close();
    if (namesWorkers) await this.app?.drain(graceMs);
    else await this.app?.stop(graceMs);
    await this.#services.end(graceMs);
    this.#output?.close();
  }
}

/** @throws StartError when the virtualenv cannot be used, with the place where it was named */
function makeAppServer(config: Config, settings: AppServerSettings): AppServer {
  try {
    return new AppServer(settings);
  } catch (error) {
    const place = config.originOf('virtualenv');
    const origin = place === undefined || place.line === 0 ? 'option virtualenv' : `${place.source}:${place.line}`;
    throw new StartError(`${origin}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
