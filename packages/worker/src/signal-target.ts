import type { WorkerProcess } from './worker-process.ts';

/** Which workers handle a signal. */
export type SignalTarget =
  /** One, the least busy. */
  { readonly kind: 'any' } | { readonly kind: 'all' } | { readonly kind: 'number'; readonly number: number };

type Candidate = Pick<WorkerProcess, 'id' | 'inFlight'>;

/** @param ready those that accept work */
export function chooseWorkers<Worker extends Candidate>(
  ready: readonly Worker[],
  target: SignalTarget,
): readonly Worker[] {
  switch (target.kind) {
    case 'any': {
      const [first] = ready.toSorted((a, b) => a.inFlight - b.inFlight || a.id - b.id);
      return first === undefined ? [] : [first];
    }
    case 'all':
      return ready;
    case 'number':
      return ready.filter(({ id }) => id === target.number);
    default:
      return target satisfies never;
  }
}
