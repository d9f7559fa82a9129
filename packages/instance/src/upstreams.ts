import { type Config, parseAddress, parseBackend } from '@emperor/config';
import type { TimerWheel } from '@emperor/http';
import { type BackendDescription, type BackendProtocol, BackendGroup, Upstream } from '@emperor/router';
import type { SocketAddress, Transport } from '@emperor/transport';

import { StartError } from './start-error.ts';

const MS_PER_SECOND = 1000;
/** Of a backend that is given as `:PORT`. */
const LOCALHOST = '127.0.0.1';

/** What every proxy of a generation shares. */
export interface UpstreamContext {
  readonly transport: Transport;
  readonly wheel: TimerWheel;
  readonly log: (line: string) => void;
}

/** Proxies of one generation: `http-to`, announced nodes, and what the `http:` and `uwsgi:` actions of its routes forward to. */
export class Upstreams {
  readonly #config: Config;
  readonly #context: UpstreamContext;
  readonly #opened: Upstream[] = [];

  constructor(config: Config, context: UpstreamContext) {
    this.#config = config;
    this.#context = context;
  }

  /** That of `http-to`. */
  main(): Upstream | undefined {
    const backends = this.#config.options['http-to'].map(configuredBackend);
    return backends.length === 0 ? undefined : this.open(backends, this.fallbacks);
  }

  /** `http-fallback` */
  get fallbacks(): readonly BackendDescription[] {
    return this.#config.options['http-fallback'].map(configuredBackend);
  }

  open(backends: readonly BackendDescription[], fallbacks: readonly BackendDescription[] = []): Upstream {
    const { options } = this.#config;
    const connectSeconds = options['http-connect-timeout'] || options['http-timeout'];
    const upstream = new Upstream({
      ...this.#context,
      group: new BackendGroup(backends),
      fallbacks,
      connectTimeoutMs: connectSeconds * MS_PER_SECOND,
      responseTimeoutMs: options['http-timeout'] * MS_PER_SECOND,
      modifier1: options['http-modifier1'],
      modifier2: options['http-modifier2'],
      sendProxyProtocol: options['http-send-proxy-protocol'],
      trustedProxies: options['trusted-proxy'],
      quiet: options['http-quiet'],
      collectBytes: options['post-buffering'],
    });
    this.#opened.push(upstream);
    return upstream;
  }

  /** Closes connections that are kept for later. Requests under way are answered. */
  close(): void {
    for (const upstream of this.#opened) upstream.close();
  }
}

/** A backend of `http-to`: its form was checked when the options were read. */
function configuredBackend(name: string): BackendDescription {
  const { protocol, address } = parseBackend(name);
  return {
    name,
    protocol,
    address: address.kind === 'unix' ? address : { ...address, host: address.host || LOCALHOST },
  };
}

/** @throws StartError */
export function describeBackend(option: string, name: string, protocol: BackendProtocol): BackendDescription {
  return { name, address: backendAddress(option, name), protocol };
}

function backendAddress(option: string, name: string): SocketAddress {
  const address = parseAddress(name);
  switch (address.kind) {
    case 'unix':
      return address;
    case 'tcp':
      return { ...address, host: address.host || LOCALHOST };
    case 'shared':
    case 'fd':
      throw new StartError(`${option} = ${name}: a backend is HOST:PORT or the path of a UNIX socket`);
    default:
      return address satisfies never;
  }
}
