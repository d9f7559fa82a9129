import type { Config } from '@emperor/config';
import type { ExchangeHandler, ResponseFilter } from '@emperor/http';

/** What the router answers and changes by itself, made from the options. */
export interface RouterParts {
  /** In the order in which they are asked: request routes, static files. */
  readonly handlers: readonly ExchangeHandler[];
  /** Response routes. */
  readonly filters: readonly ResponseFilter[];
  /** Encodings of the http router. */
  readonly routerFilters: readonly ResponseFilter[];
  /** `add-header`, flat. */
  readonly headers: readonly string[];
  /** Lines for the log: routing tables, `added check for static/`. */
  readonly notices: readonly string[];
}

/** Makes them. @throws StartError for a broken route */
export function createRouterParts(config: Config): RouterParts {
  const headers = config.options['add-header'].flatMap((line) => {
    const colon = line.indexOf(':');
    return colon < 0 ? [line, ''] : [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
  });
  return { handlers: [], filters: [], routerFilters: [], headers, notices: [] };
}
