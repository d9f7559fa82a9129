import type { TimerWheel } from '@emperor/http';
import type { Transport } from '@emperor/transport';

/** How requests are passed on to backends, whichever they are. */
export interface UpstreamSettings {
  readonly transport: Transport;
  readonly wheel: TimerWheel;
  /** Longest wait for a connection (`http-connect-timeout`); 0 for no limit. */
  readonly connectTimeoutMs: number;
  /** Longest silence of a backend (`http-timeout`); 0 for no limit. */
  readonly responseTimeoutMs: number;
  /** `http-modifier1`, `http-modifier2`. */
  readonly modifier1: number;
  readonly modifier2: number;
  /** Connections to backends begin with a header of the PROXY protocol, and so serve one request each (`http-send-proxy-protocol`). */
  readonly sendProxyProtocol: boolean;
  /** Backends that cannot be reached are not logged (`http-quiet`). */
  readonly quiet: boolean;
  readonly log: (message: string) => void;
}
