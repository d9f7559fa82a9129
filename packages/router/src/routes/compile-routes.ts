import { createRequire } from 'node:module';

import type { Diagnostic, Entry } from '@emperor/config';
import type { Exchange, ResponseFilter } from '@emperor/http';

import type { RequestRoutes } from './request-routes.ts';
import { DEFAULT_ROUTE_SETTINGS, type RouteSettings } from './route-settings.ts';

const require = createRequire(import.meta.url);

/** The internal routes of an instance. */
export interface Routes {
  /** Rules asked before a request is answered. */
  readonly request: RequestRoutes | undefined;
  /** Rules asked when an answer is about to be sent. */
  readonly responseFilter: ResponseFilter | undefined;
  /** Rules asked when an exchange is over, before it is logged. */
  readonly finished: ((exchange: Exchange) => void) | undefined;
  /** The tables to print at start. */
  readonly dump: readonly string[];
  /** What is wrong; with an error in it the routes must not be used. */
  readonly diagnostics: readonly Diagnostic[];
}

const NO_ROUTES: Routes = {
  request: undefined,
  responseFilter: undefined,
  finished: undefined,
  dump: [],
  diagnostics: [],
};

/**
 * Compiles the entries of `ROUTE_OPTION_NAMES`, in their order. All faults are reported at once, each with its place.
 * The language is loaded only where there are rules: it takes a megabyte.
 */
export function compileRoutes(entries: readonly Entry[], settings: Partial<RouteSettings> = {}): Routes {
  if (entries.length === 0) return NO_ROUTES;
  const { RoutesCompiler } = require('./routes-compiler.js') as typeof import('./routes-compiler.ts');
  return new RoutesCompiler({ ...DEFAULT_ROUTE_SETTINGS, ...settings }).compile(entries);
}
