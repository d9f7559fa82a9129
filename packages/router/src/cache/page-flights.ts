import type { Exchange } from '@emperor/http';

/** How long nobody waits for a page any more that turned out not to be one that is kept. */
const NOT_KEPT_MS = 10_000;
/** Pages of which that is remembered. */
const REMEMBERED = 10_000;

interface Flight {
  readonly page: string;
  readonly landed: Promise<void>;
  readonly land: () => void;
}

/** Pages that are being made at the moment: who asks for one of them waits for it instead of having it made once more. */
export class PageFlights {
  readonly #byPage = new Map<string, Flight>();
  readonly #byExchange = new WeakMap<Exchange, Flight>();
  readonly #notKept = new Map<string, number>();

  /** Resolves when the page has been made, or will not be; undefined when nobody makes it, or waiting would be in vain. */
  awaited(page: string): Promise<void> | undefined {
    const until = this.#notKept.get(page);
    if (until !== undefined) {
      if (performance.now() < until) return undefined;
      this.#notKept.delete(page);
    }
    return this.#byPage.get(page)?.landed;
  }

  /** The exchange makes the page, unless another one does already. */
  begin(page: string, exchange: Exchange): void {
    if (this.#byPage.has(page)) return;
    const { promise: landed, resolve: land } = Promise.withResolvers<void>();
    const flight = { page, landed, land };
    this.#byPage.set(page, flight);
    this.#byExchange.set(exchange, flight);
  }

  /** The page of the exchange is there for others. */
  kept(exchange: Exchange): void {
    this.#end(exchange);
  }

  /** The exchange is over: if it was to make a page that it has not, who waits goes on alone. */
  over(exchange: Exchange): void {
    const flight = this.#end(exchange);
    // One whose client went away says nothing about the page: another one makes it.
    if (flight === undefined || exchange.aborted) return;
    if (this.#notKept.size >= REMEMBERED) this.#notKept.clear();
    this.#notKept.set(flight.page, performance.now() + NOT_KEPT_MS);
  }

  #end(exchange: Exchange): Flight | undefined {
    const flight = this.#byExchange.get(exchange);
    if (flight === undefined) return undefined;
    this.#byExchange.delete(exchange);
    this.#byPage.delete(flight.page);
    flight.land();
    return flight;
  }
}
