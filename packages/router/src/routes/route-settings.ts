import type { ExchangeHandler } from '@emperor/http';

import type { RouteCaches } from '../cache/route-caches.ts';

/** Where `http:` and `uwsgi:` send a request. */
export interface ForwardTarget {
  readonly protocol: 'http' | 'uwsgi';
  /** As written: `HOST:PORT` or the path of a UNIX socket. */
  readonly address: string;
  /** `http:ADDRESS,HOST`: the Host header for the backend. */
  readonly host: string | undefined;
  /** `uwsgi:ADDRESS,MODIFIER1,MODIFIER2`. */
  readonly modifier1: number;
  readonly modifier2: number;
}

/** What the rules need of the instance. */
export interface RouteSettings {
  /** Writes a line to the log of the instance. */
  readonly log: (line: string) => void;
  /** Where relative names of files count from: the working directory after `chdir`. */
  readonly directory: string;
  /** `mime-file`; empty: the usual places. */
  readonly mimeFiles: readonly string[];
  /** Whether `static:` sends a Content-Type: as in uWSGI only beside options of static files, which bring the types along (UWSGI-FACTS 11.9). */
  readonly typesStaticFiles: boolean;
  /** What the request line says of a file that a rule sends: `offload()` or `sendfile()`. */
  readonly fileVia: string;
  /** `disable-sendfile`: files are read and written. */
  readonly usesSendfile: boolean;
  /** `rem-header` takes headers away: those that rules add must be told from the answerer's own. */
  readonly countsAddedHeaders: boolean;
  /** Header lines that `add-header` puts behind every answer. */
  readonly addedHeaders: number;
  /** Our option `route-safe-patterns`: patterns that can take exponential time are refused. */
  readonly refuseExplosivePatterns: boolean;
  /** The caches of the instance; undefined where there are none. */
  readonly caches: RouteCaches | undefined;
  /** Calls what other parts of the instance offer under a name of the `uwsgi` module, such as `signal`. Throws what they cannot do. */
  readonly call: (name: string, args: readonly unknown[]) => unknown;
  /** The worker that would get a request now; undefined where there is none. */
  readonly nextWorker: () => { readonly id: number; readonly pid: number } | undefined;
  /** Makes what forwards requests; undefined: `http:` and `uwsgi:` cannot be used. Throws an Error with a sentence for a bad address. */
  readonly forward: ((target: ForwardTarget) => ExchangeHandler) | undefined;
}

export const DEFAULT_ROUTE_SETTINGS: RouteSettings = {
  log: () => {},
  directory: '.',
  mimeFiles: [],
  typesStaticFiles: true,
  fileVia: 'sendfile()',
  usesSendfile: true,
  countsAddedHeaders: false,
  addedHeaders: 0,
  refuseExplosivePatterns: false,
  caches: undefined,
  call: () => undefined,
  nextWorker: () => undefined,
  forward: undefined,
};
