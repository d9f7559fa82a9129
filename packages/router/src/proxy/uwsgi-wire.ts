import type { Buffer } from 'node:buffer';

import type { ResponseHead, Variables } from '@emperor/http';
import { encodeUwsgiPacket } from '@emperor/protocol';

import type { Backend } from './backend.ts';
import type { RequestWire } from './request-wire.ts';
import type { UpstreamSettings } from './upstream-settings.ts';

/** Requests as packets of the uwsgi protocol (UWSGI-FACTS 12): the variables, then the body. The answer is HTTP. */
export class UwsgiWire implements RequestWire {
  readonly needsLength = true;
  readonly agreementToken: string | undefined = undefined;
  readonly #settings: UpstreamSettings;

  constructor(settings: UpstreamSettings) {
    this.#settings = settings;
  }

  encodeHead(variables: Variables, backend: Backend, bodyBytes: number | undefined): Buffer {
    const { modifier1, modifier2 } = this.#settings;
    let { list } = variables;
    if (variables.get('HTTP_TRANSFER_ENCODING') !== undefined) list = withLength(list, bodyBytes ?? 0);
    return encodeUwsgiPacket(backend.modifier1 ?? modifier1, backend.modifier2 ?? modifier2, list);
  }

  mayReuse(): boolean {
    return false;
  }

  keepMs(): number {
    return 0;
  }

  isFarewell(): boolean {
    return false;
  }

  /** Answers pass unchanged (UWSGI-FACTS 5.1). */
  clean(_head: ResponseHead): void {}
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
