import { type Config, formatDiagnostic } from '@emperor/config';
import type { ExchangeHandler, ResponseFilter } from '@emperor/http';
import { compileRoutes, createAutoGzip, ROUTE_OPTION_NAMES, stripUwsgiEncoding } from '@emperor/router';

import { StartError } from './start-error.ts';

/** What the router answers and changes by itself, made from the options. */
export interface RouterParts {
  /** In the order in which they are asked: request routes, static files. */
  readonly handlers: readonly ExchangeHandler[];
  /** Response routes. */
  readonly filters: readonly ResponseFilter[];
  /** Asked last, on listeners that face clients: encodings. Not on `socket`: the router in front of it still needs `uWSGI-Encoding`. */
  readonly clientFilters: readonly ResponseFilter[];
  /** `add-header`, flat. */
  readonly headers: readonly string[];
  /** Lines for the log: routing tables, `added check for static/`. */
  readonly notices: readonly string[];
}

/** Makes them. @throws StartError for a broken route */
export function createRouterParts(config: Config): RouterParts {
  const { options } = config;
  const routes = compileRoutes(config.entriesOf(...ROUTE_OPTION_NAMES));
  if (routes.diagnostics.some(({ severity }) => severity === 'error')) {
    throw new StartError(routes.diagnostics.map(formatDiagnostic).join('\n'));
  }
  const headers = options['add-header'].flatMap((line) => {
    const colon = line.indexOf(':');
    return colon < 0 ? [line, ''] : [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
  });
  return {
    handlers: routes.request === undefined ? [] : [routes.request],
    filters: routes.responseFilter === undefined ? [] : [routes.responseFilter],
    clientFilters: [options['http-auto-gzip'] ? createAutoGzip() : stripUwsgiEncoding],
    headers,
    notices: [...routes.diagnostics.map(formatDiagnostic), ...routes.dump],
  };
}
