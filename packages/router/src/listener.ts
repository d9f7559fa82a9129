import { hostname } from 'node:os';

import {
  type ConnectionLimits,
  type ConnectionServer,
  type ConnectionServerSettings,
  HttpServer,
  type ListenerDescription,
  type ResponseFilter,
  type TimerWheel,
  UwsgiServer,
} from '@emperor/http';

/** What the router does behind one open socket. */
export interface ListenerSettings extends Pick<ConnectionServerSettings, 'handle' | 'finished' | 'complain'> {
  readonly description: ListenerDescription;
  /** What apps see as SERVER_PORT: the port of a TCP socket, else empty. */
  readonly port: string;
  readonly limits: ConnectionLimits;
  readonly keepAlive: boolean;
  /** Encodings of the http router (`http-auto-gzip`). */
  readonly filters: readonly ResponseFilter[];
}

/** Makes the server for one listener: the protocol is all that tells them apart (DESIGN section 2). */
export function createListenerServer(settings: ListenerSettings, wheel: TimerWheel): ConnectionServer {
  const { description, port, limits, keepAlive, filters, handle, finished, complain } = settings;
  const common: ConnectionServerSettings = { listener: description, limits, handle, finished, complain };
  if (description.protocol === 'uwsgi') return new UwsgiServer(common, wheel);
  return new HttpServer(
    {
      ...common,
      serverName: hostname(),
      serverPort: port,
      router: description.protocol === 'http-socket' ? undefined : 'http',
      secure: description.protocol === 'https',
      keepAlive,
      filters,
    },
    wheel,
  );
}
