import path from 'node:path';

import { type Config, formatDiagnostic } from '@emperor/config';
import type { Exchange, ExchangeHandler, ResponseFilter } from '@emperor/http';
import {
  CachedAnswers,
  CompressionOptionError,
  compileRoutes,
  createAutoGzip,
  createCompression,
  createErrorPages,
  createHeaderRemoval,
  createStaticFiles,
  ROUTE_OPTION_NAMES,
  type RouteCaches,
  type RouteSettings,
  StaticOptionError,
  type StaticFiles,
  stripUwsgiEncoding,
} from '@emperor/router';

import { StartError } from './start-error.ts';
import { describeBackend, type Upstreams } from './upstreams.ts';

/** What the router answers and changes by itself, made from the options. */
export interface RouterParts {
  /** In the order in which they are asked: request routes, answers in the cache, static files. */
  readonly handlers: readonly ExchangeHandler[];
  /** `rem-header`, `error-page-…`, response routes. */
  readonly filters: readonly ResponseFilter[];
  /** Asked last, on listeners that face clients: encodings. Not on `socket`: the router in front of it still needs `uWSGI-Encoding`. */
  readonly clientFilters: readonly ResponseFilter[];
  /** `add-header`, flat. */
  readonly headers: readonly string[];
  /** Final routes: told when an exchange is over, before it is logged. */
  readonly finished: ((exchange: Exchange) => void) | undefined;
  /** Lines for the log: routing tables, `added check for static/`. */
  readonly notices: readonly string[];
}

/** What the router uses of the rest of the instance. */
export interface RouterNeighbours {
  readonly log: (line: string) => void;
  readonly upstreams: Upstreams;
  readonly caches: RouteCaches | undefined;
  /** Functions of the `uwsgi` module that services answer. */
  readonly call: (name: string, args: readonly unknown[]) => unknown;
  readonly nextWorker: RouteSettings['nextWorker'];
}

/**
 * Makes them.
 * @param directory where relative names of files count from: the working directory after `chdir`
 * @throws StartError for a broken route or an option that cannot be used
 */
export function createRouterParts(
  config: Config,
  directory: string,
  { log, upstreams, caches, call, nextWorker }: RouterNeighbours,
): RouterParts {
  const { options } = config;
  const headers = options['add-header'].flatMap((line) => {
    const colon = line.indexOf(':');
    return colon < 0 ? [line, ''] : [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
  });
  const removed = options['rem-header'];
  const routes = compileRoutes(config.entriesOf(...ROUTE_OPTION_NAMES), {
    log,
    directory,
    mimeFiles: options['mime-file'],
    typesStaticFiles: config.entriesOf(...TYPED_BY).length > 0,
    refuseExplosivePatterns: options['route-safe-patterns'],
    addedHeaders: headers.length / 2,
    fileVia: options['offload-threads'] > 0 ? 'offload()' : 'sendfile()',
    caches,
    usesSendfile: !options['disable-sendfile'],
    countsAddedHeaders: removed.length > 0,
    call,
    nextWorker,
    forward: (target) =>
      upstreams.open([
        {
          ...describeBackend('route', target.address, target.protocol),
          modifier1: target.modifier1,
          modifier2: target.modifier2,
        },
      ]),
  });
  if (routes.diagnostics.some(({ severity }) => severity === 'error')) {
    throw new StartError(routes.diagnostics.map(formatDiagnostic).join('\n'));
  }
  const files = staticFiles(config, directory, log);
  return {
    handlers: [routes.request, cachedAnswers(config, caches), files?.handler].filter(
      (handler) => handler !== undefined,
    ),
    filters: [
      removed.length > 0 ? createHeaderRemoval(removed, headers.length / 2) : undefined,
      errorPages(config, directory),
      routes.responseFilter,
    ].filter((filter) => filter !== undefined),
    clientFilters: [
      options['http-auto-gzip'] ? createAutoGzip() : stripUwsgiEncoding,
      // Behind auto-gzip: what that has compressed is encoded already.
      ...compression(config),
    ],
    headers,
    finished: routes.finished,
    notices: [...(files?.notices ?? []), ...routes.diagnostics.map(formatDiagnostic), ...routes.dump],
  };
}

/** The pages of `error-page-403`, `-404` and `-500`; undefined where there are none. */
function errorPages({ options }: Config, directory: string): ResponseFilter | undefined {
  const files = ([403, 404, 500] as const).map((status) => {
    const names = options[`error-page-${status}`].map((name) => path.resolve(directory, name));
    return [status, names] as const;
  });
  return files.some(([, names]) => names.length > 0) ? createErrorPages(new Map(files)) : undefined;
}

/** Options with which uWSGI knows the types of files (UWSGI-FACTS 10.3, 11.9). */
const TYPED_BY = [
  'check-static',
  'check-static-docroot',
  'static-map',
  'static-map2',
  'static-index',
  'static-safe',
  'static-skip-ext',
  'static-expires',
  'static-expires-type',
  'static-gzip',
  'static-gzip-all',
  'static-cache-paths',
  'mime-file',
  'file-serve-mode',
] as const;

/** `check-cache`. @throws StartError when there is no such cache */
function cachedAnswers(config: Config, caches: RouteCaches | undefined): ExchangeHandler | undefined {
  const name = config.options['check-cache'];
  if (name === undefined) return undefined;
  if (caches === undefined || (name !== '' && !caches.names.includes(name)))
    throw new StartError(`unable to find cache "${name}": add cache2 = name=${name || 'pages'},items=1000`);
  return new CachedAnswers(caches, name);
}

/** @throws StartError that points at the line of an option that cannot be used */
function staticFiles(config: Config, directory: string, log: (line: string) => void): StaticFiles | undefined {
  try {
    return createStaticFiles(config.options, directory, log);
  } catch (error) {
    if (!(error instanceof StaticOptionError)) throw error;
    const { option, value, message } = error;
    const origin = config.entriesOf(option).find((entry) => entry.value === value)?.origin;
    const sourceLine = `${option} = ${value}`;
    throw new StartError(formatDiagnostic({ severity: 'error', sourceLine, message, ...(origin ? { origin } : {}) }));
  }
}

function compression({ options }: Config): ResponseFilter[] {
  try {
    const filter = createCompression(options);
    return filter === undefined ? [] : [filter];
  } catch (error) {
    if (error instanceof CompressionOptionError) throw new StartError(error.message);
    throw error;
  }
}
