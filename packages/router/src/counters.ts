import type { Exchange } from '@emperor/http';

/** What one instance has done since it started; kept over reloads. */
export class Counters {
  requests = 0;
  /** Requests by the first digit of their status: index 1 is 1xx … 5 is 5xx; 0 is an exchange that ended without status. */
  readonly byClass: number[] = [0, 0, 0, 0, 0, 0];
  /** Head and body bytes of all answers, before encoding. */
  bytesOut = 0;

  count(exchange: Exchange): void {
    this.requests++;
    const hundred = Math.trunc(exchange.status / 100);
    this.byClass[hundred] = (this.byClass[hundred] ?? 0) + 1;
    this.bytesOut += exchange.bodyBytes + exchange.headBytes;
  }
}
