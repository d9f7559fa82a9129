import type { Stream } from '@emperor/transport';

import { ConnectionServer, type ConnectionServerSettings, type ServedConnection } from './connection-server.ts';
import type { TimerWheel } from './timer-wheel.ts';
import { UwsgiConnection } from './uwsgi-connection.ts';

/** The server behind `socket` and `uwsgi-socket`. */
export class UwsgiServer extends ConnectionServer {
  override readonly settings: ConnectionServerSettings;

  constructor(settings: ConnectionServerSettings, wheel: TimerWheel) {
    super(wheel);
    this.settings = settings;
  }

  protected serve(stream: Stream): ServedConnection {
    return new UwsgiConnection(this, stream);
  }
}
