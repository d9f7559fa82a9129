import { randomBytes } from 'node:crypto';
import type { SecureContext, SecureContextOptions } from 'node:tls';

import { signatureOf, TlsContext } from './tls-context.ts';
import type { TlsIdentities, TlsIdentity } from './tls-identity.ts';

/** How often the files are looked at. */
const LOOK_MS = 1000;
const TICKET_KEY_BYTES = 48;
const HOST_NAME = /^[a-z0-9_](?:[a-z0-9_.-]{0,252}[a-z0-9_])?$/;
/** One set for the process: a client may resume its session whichever certificate is in force meanwhile. */
const ticketKeys = randomBytes(TICKET_KEY_BYTES);

/** A certificate that may be replaced by a newer one. */
interface Renewable {
  context: TlsContext;
  /** What was seen at the last look: files are read once they have stood still for one. */
  seen: string;
  /** A change that cannot be used, and that was told already. */
  refused: string | undefined;
}

/** The certificates of one listener: found by host name, and read again when their files change. */
export class TlsCertificates {
  readonly #identities: TlsIdentities;
  readonly #main: Renewable;
  readonly #hosts: ReadonlyMap<TlsIdentity, Renewable>;
  readonly #found = new Map<string, Renewable>();
  readonly #log: (line: string) => void;
  #timer: NodeJS.Timeout | undefined;
  /** Set by the listener: the certificate for clients that name no host is another one now. */
  onMainRenewed: (options: SecureContextOptions) => void = () => {};

  /** @throws TlsFileError when one of the identities cannot be used */
  constructor(identities: TlsIdentities, log: (line: string) => void) {
    this.#identities = identities;
    this.#log = log;
    this.#main = open(identities.main);
    this.#hosts = new Map(identities.hosts.map(({ identity }) => [identity, open(identity)]));
  }

  get mainOptions(): SecureContextOptions {
    return this.#main.context.options;
  }

  get asksClients(): boolean {
    return this.#identities.asksClients;
  }

  /** @returns the context for that host; undefined for the main one */
  contextFor(host: string): SecureContext | undefined {
    return this.#renewableFor(host)?.context.secure;
  }

  /** The identity a client got that asked for `host`. */
  identityFor(host: string | undefined): TlsIdentity {
    return (host === undefined ? undefined : this.#renewableFor(host)?.context.identity) ?? this.#identities.main;
  }

  #renewableFor(asked: string): Renewable | undefined {
    const host = asked.toLowerCase();
    const entry =
      this.#identities.hosts.find((candidate) => candidate.host === host) ??
      this.#identities.hosts.find((candidate) => candidate.host instanceof RegExp && candidate.host.test(host));
    if (entry !== undefined) return this.#hosts.get(entry.identity);
    return this.#found.get(host) ?? this.#search(host);
  }

  #search(host: string): Renewable | undefined {
    const identity = HOST_NAME.test(host) && !host.includes('..') ? this.#identities.find?.(host) : undefined;
    if (identity === undefined) return undefined;
    try {
      const renewable = open(identity);
      this.#found.set(host, renewable);
      return renewable;
    } catch (error) {
      this.#log(`no certificate for ${host}: ${error instanceof Error ? error.message : String(error)}`);
      return undefined;
    }
  }

  /** Looks at the files from time to time, until `close`. */
  watch(): void {
    this.#timer ??= setInterval(() => this.#look(), LOOK_MS).unref();
  }

  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #look(): void {
    if (this.#renew(this.#main)) this.onMainRenewed(this.mainOptions);
    for (const host of this.#hosts.values()) this.#renew(host);
    for (const host of this.#found.values()) this.#renew(host);
  }

  /** @returns whether another certificate is in force */
  #renew(renewable: Renewable): boolean {
    const { identity, signature } = renewable.context;
    const before = renewable.seen;
    renewable.seen = signatureOf(identity);
    // A certificate and its key are replaced one after the other: they are read once, when both are there.
    if (renewable.seen !== before) return false;
    if (renewable.seen === signature || renewable.refused === renewable.seen) return false;
    try {
      renewable.context = new TlsContext(identity, ticketKeys);
      this.#log(`the certificate ${identity.certificate} has changed: new connections get the new one`);
      return true;
    } catch (error) {
      renewable.refused = renewable.seen;
      const reason = error instanceof Error ? error.message : String(error);
      this.#log(`a changed certificate is not used, the former one stays: ${reason}`);
      return false;
    }
  }
}

function open(identity: TlsIdentity): Renewable {
  const context = new TlsContext(identity, ticketKeys);
  return { context, seen: context.signature, refused: undefined };
}
