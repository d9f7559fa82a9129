import type { Buffer } from 'node:buffer';

import type { Exchange, ResponseHead, ResponseParser } from '@emperor/http';
import { encodeUwsgiPacket, FAREWELL, KEEPALIVE_VARIABLE } from '@emperor/protocol';

import type { Backend } from './backend.ts';
import type { RequestWire } from './request-wire.ts';
import type { UpstreamSettings } from './upstream-settings.ts';

/** A listener of ours keeps idle connections for `socket-timeout` (4 s) or longer, and says farewell: no need to be first. */
const KEEP_MS = 30_000;
/** A backend that has answered without the agreement is no listener of ours; but it may be replaced by one. */
const ASK_AGAIN_MS = 10_000;

/** Requests as packets of the uwsgi protocol (UWSGI-FACTS 12): the variables, then the body. The answer is HTTP. */
export class UwsgiWire implements RequestWire {
  readonly needsLength = true;
  // Node's crypto is not imported: it would cost every vassal a megabyte.
  readonly agreementToken: string = process.getBuiltinModule('node:crypto').randomBytes(8).toString('hex');
  readonly #settings: UpstreamSettings;
  /** When those that do not keep connections are to be asked again. */
  readonly #askAtMs = new WeakMap<Backend, number>();

  constructor(settings: UpstreamSettings) {
    this.#settings = settings;
  }

  encodeHead({ variables }: Exchange, backend: Backend, bodyBytes: number | undefined): Buffer {
    const { modifier1, modifier2 } = this.#settings;
    let list: readonly string[] = variables.list;
    if (variables.get('HTTP_TRANSFER_ENCODING') !== undefined) list = withLength(list, bodyBytes ?? 0);
    const askAtMs = this.#askAtMs.get(backend) ?? 0;
    if (askAtMs <= performance.now()) list = withOffer(list, this.agreementToken);
    return encodeUwsgiPacket(backend.modifier1 ?? modifier1, backend.modifier2 ?? modifier2, list);
  }

  /** Of a request it has not read our listener says so: even a POST loses nothing by a connection that is closed in this moment. */
  mayReuse(): boolean {
    return true;
  }

  keepMs(backend: Backend, parser: ResponseParser): number {
    if (parser.agreed) {
      this.#askAtMs.delete(backend);
      return KEEP_MS;
    }
    const nowMs = performance.now();
    if ((this.#askAtMs.get(backend) ?? 0) <= nowMs) this.#askAtMs.set(backend, nowMs + ASK_AGAIN_MS);
    return 0;
  }

  isFarewell(chunk: Buffer): boolean {
    return chunk[0] === FAREWELL;
  }

  /** Answers pass unchanged (UWSGI-FACTS 5.1). */
  clean(_head: ResponseHead): void {}
}

/** In front of the variable of the same name, which hides it from those who know nothing of it; nothing is offered where there is none. */
function withOffer(list: readonly string[], token: string): readonly string[] {
  const at = list.indexOf(KEEPALIVE_VARIABLE);
  return at < 0 || at % 2 === 1 ? list : list.toSpliced(at, 0, KEEPALIVE_VARIABLE, token);
}

/** A body that came in chunks goes on as one of known length. */
function withLength(list: readonly string[], bytes: number): string[] {
  const changed: string[] = [];
  for (let i = 0; i < list.length; i += 2) {
    const name = list[i] ?? '';
    if (name !== 'HTTP_TRANSFER_ENCODING' && name !== 'CONTENT_LENGTH') changed.push(name, list[i + 1] ?? '');
  }
  changed.push('CONTENT_LENGTH', String(bytes));
  return changed;
}
