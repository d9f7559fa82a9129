import { Buffer } from 'node:buffer';

import type { Entry } from '@emperor/config';
import type { ResponseFilter } from '@emperor/http';

import { compileRoutes, type Routes } from './compile-routes.ts';
import { FakeExchange, type FakeRequest } from './fake-exchange.test-support.ts';
import type { RouteSettings } from './route-settings.ts';

/** `key = value` lines as the configuration hands them over. */
export function entriesOf(lines: readonly string[]): Entry[] {
  return lines.map((line, index) => {
    const equals = line.indexOf('=');
    return {
      key: line.slice(0, equals).trim(),
      value: line.slice(equals + 1).trim(),
      origin: { source: 'uwsgi.ini', line: index + 2 },
    };
  });
}

/** Compiles rules that must be right. */
export function routesOf(lines: readonly string[], settings: Partial<RouteSettings> = {}): Routes {
  const routes = compileRoutes(entriesOf(lines), settings);
  const fault = routes.diagnostics.find(({ severity }) => severity === 'error');
  if (fault !== undefined) throw new Error(fault.message);
  return routes;
}

/** What the rules say against themselves. */
export function complaintsOf(...lines: readonly string[]): string[] {
  return compileRoutes(entriesOf(lines)).diagnostics.map(({ severity, message }) => `${severity}: ${message}`);
}

/** A request, and the app behind the rules. */
export interface Visit extends FakeRequest {
  readonly settings?: Partial<RouteSettings>;
  /** Head and body of the app's answer. */
  readonly status?: number;
  readonly headers?: readonly string[];
  readonly body?: string;
  /** The app streams its answer. */
  readonly streams?: boolean;
  /** Encodings of the listener. */
  readonly filters?: readonly ResponseFilter[];
}

/** What came of it. */
export interface Visited {
  readonly exchange: FakeExchange;
  /** Status line and headers, and the body. */
  readonly answer: string;
  readonly reachedApp: boolean;
  readonly log: readonly string[];
}

/** Sends a request through rules to an app and its answer back. */
export function visit(lines: readonly string[], uri: string, given: Visit = {}): Visited {
  const log: string[] = [];
  const routes = routesOf(lines, {
    log: (line) => {
      log.push(line);
    },
    ...given.settings,
  });
  const exchange = new FakeExchange({ uri, listenerFilters: given.filters ?? [], ...given });
  if (routes.responseFilter !== undefined) exchange.addFilter(routes.responseFilter);
  const reachedApp = routes.request?.handle(exchange) !== true;
  if (reachedApp) answerAsApp(exchange, given);
  routes.finished?.(exchange);
  return { exchange, answer: `${exchange.head}\n${exchange.text}`, reachedApp, log };
}

function answerAsApp(exchange: FakeExchange, given: Visit): void {
  const { status = 200, headers = ['Content-Type', 'text/html', 'X-App', '1'], body = 'app' } = given;
  const head = { status, reason: status === 200 ? 'OK' : 'Reason', headers: [...headers] };
  if (given.streams !== true) {
    exchange.respond(head, Buffer.from(body, 'latin1'));
    return;
  }
  exchange.start(head, { onDrain: () => {}, onAbort: () => {} });
  exchange.write(Buffer.from(body, 'latin1'));
  exchange.end();
}

/** Value of a text of the rules for a request. */
export function evaluate(text: string, uri = '/', given: Visit = {}): string {
  return (
    visit([`route-run = addheader:X-Value: [${text}]`], uri, given)
      .exchange.header('X-Value')
      ?.slice(1, -1) ?? ''
  );
}
