import {
  BaseExchange,
  EMPTY_BODY,
  type Exchange,
  type RequestBody,
  type ResponseFilter,
  Variables,
} from '@emperor/http';

const NO_FILTERS: readonly ResponseFilter[] = [];

/** A request that no client waits for, like one that a client has just made: its answer is kept by a rule, and goes nowhere. */
export class BackgroundExchange extends BaseExchange {
  readonly body: RequestBody = EMPTY_BODY;
  protected readonly unsentBytes = 0;
  protected readonly isHead = false;
  protected readonly protocol = 'HTTP/1.1';
  protected readonly listenerFilters: readonly ResponseFilter[] = NO_FILTERS;
  /** Called once, when it is over. */
  onOver: () => void = () => {};

  constructor({ listener, variables }: Exchange) {
    const own = new Variables();
    own.list.push(...variables.list);
    own.set('REQUEST_METHOD', 'GET');
    for (const name of CONDITIONAL) own.delete(name);
    super(listener, own);
    this.record.silent = true;
  }

  protected sendHead(): void {}

  protected sendWhole(): void {}

  protected sendBody(): boolean {
    return true;
  }

  protected finishBody(): void {}

  protected cut(): void {}

  protected complain(): void {}

  protected finished(): void {
    this.onOver();
  }
}

/** What asks for less than the whole page. */
const CONDITIONAL = [
  'HTTP_IF_NONE_MATCH',
  'HTTP_IF_MODIFIED_SINCE',
  'HTTP_IF_MATCH',
  'HTTP_IF_UNMODIFIED_SINCE',
  'HTTP_IF_RANGE',
  'HTTP_RANGE',
];
