import type { AppServer, Companion } from '@emperor/worker';

/**
 * Who handles a signal (UWSGI-FACTS 17 and the manual): '' and `worker` the first free worker, `workers` and `active-workers` all of them,
 * `workerN` one; `mule` the first mule, `mules` all, `muleN` one, `farm_NAME` the first of a farm; `spooler` the first spooler.
 */
export type SignalReceiver =
  | { readonly kind: 'workers'; readonly target: Parameters<AppServer['raise']>[1] }
  | { readonly kind: 'mules'; readonly numbers: 'first' | 'all' | number }
  | { readonly kind: 'farm'; readonly name: string }
  | { readonly kind: 'spooler' };

/** @returns undefined for what names nobody */
export function readReceiver(target: string): SignalReceiver | undefined {
  const [, kind = '', rest = ''] = /^(worker|mule|farm_|farm-)(.*)$/.exec(target) ?? [];
  const number = /^\d+$/.test(rest) ? Number(rest) : 0;
  if (target === '' || target === 'worker' || target === 'worker0') return { kind: 'workers', target: { kind: 'any' } };
  if (target === 'workers' || target === 'active-workers') return { kind: 'workers', target: { kind: 'all' } };
  if (target === 'spooler') return { kind: 'spooler' };
  if (target === 'mules') return { kind: 'mules', numbers: 'all' };
  if (target === 'mule' || target === 'mule0') return { kind: 'mules', numbers: 'first' };
  if (kind === 'worker' && number > 0) return { kind: 'workers', target: { kind: 'number', number } };
  if (kind === 'mule' && number > 0) return { kind: 'mules', numbers: number };
  if (kind.startsWith('farm') && rest !== '') return { kind: 'farm', name: rest };
  return undefined;
}

/** Hands a signal to its receivers. @returns how many there were */
export function deliver(app: AppServer, signal: number, receiver: SignalReceiver): number {
  if (receiver.kind === 'workers') return app.raise(signal, receiver.target);
  const chosen = companionsOf(app, receiver);
  for (const companion of chosen) companion.raise(signal);
  return chosen.length;
}

function companionsOf(app: AppServer, receiver: Exclude<SignalReceiver, { kind: 'workers' }>): readonly Companion[] {
  switch (receiver.kind) {
    case 'mules': {
      const mules = app.companionsOf('mule');
      if (receiver.numbers === 'all') return mules;
      const waiting = mules.filter(({ obeysSignals }) => obeysSignals);
      if (receiver.numbers === 'first') return freest(waiting.length > 0 ? waiting : mules);
      return mules.filter(({ number }) => number === receiver.numbers);
    }
    case 'farm':
      return freest(app.companionsOf('mule').filter(({ groups }) => groups.includes(receiver.name)));
    case 'spooler':
      return freest(app.companionsOf('spooler'));
    default:
      return receiver satisfies never;
  }
}

function freest(companions: readonly Companion[]): readonly Companion[] {
  const [first] = companions.toSorted((a, b) => Number(a.isBusy) - Number(b.isBusy));
  return first === undefined ? [] : [first];
}
