import { formatAddress, type SocketAddress } from '@emperor/transport';

/** What requests are sent over: uWSGI's own protocol, or HTTP. */
export type BackendProtocol = 'uwsgi' | 'http';

/** Where requests can be sent, as configured or announced. */
export interface BackendDescription {
  /** As the user wrote it, for logs. */
  readonly name: string;
  readonly address: SocketAddress;
  /** `uwsgi` where nothing else is said, as in uWSGI's `http-to`. */
  readonly protocol?: BackendProtocol;
  /** Share of the requests beside other backends; 1 where nothing else is said. */
  readonly weight?: number;
  /** Of the uwsgi packets for this backend, in place of the proxy's own. */
  readonly modifier1?: number;
  readonly modifier2?: number;
}

/** One place requests can be sent to, and how it has been doing. */
export class Backend {
  readonly name: string;
  readonly address: SocketAddress;
  readonly protocol: BackendProtocol;
  readonly modifier1: number | undefined;
  readonly modifier2: number | undefined;
  /** What connections of it lead to: another backend with the same may use them. */
  readonly endpoint: string;
  weight: number;
  /** Connections that failed in a row. */
  failures = 0;
  /** `performance.now()` time before which others are preferred. */
  retryAtMs = 0;
  /** Requests it is answering. */
  active = 0;
  /** Requests sent to it. */
  requests = 0;
  /** Sent to it. */
  requestBytes = 0;
  /** Received from it. */
  answerBytes = 0;
  /** How far it is behind its share: the largest is due (smooth weighted round robin). */
  credit = 0;

  constructor(description: BackendDescription) {
    this.name = description.name;
    this.address = description.address;
    this.protocol = description.protocol ?? 'uwsgi';
    this.weight = description.weight ?? 1;
    this.modifier1 = description.modifier1;
    this.modifier2 = description.modifier2;
    this.endpoint = `${this.protocol} ${formatAddress(this.address)}`;
  }
}
