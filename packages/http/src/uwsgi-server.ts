import type { Stream } from '@emperor/transport';

import { ConnectionServer, type ServedConnection } from './connection-server.ts';
import { UwsgiConnection } from './uwsgi-connection.ts';

/** The server behind `socket` and `uwsgi-socket`. */
export class UwsgiServer extends ConnectionServer {
  protected serve(stream: Stream): ServedConnection {
    return new UwsgiConnection(this, stream);
  }
}
