import assert from 'node:assert/strict';
import { mock, test } from 'node:test';

import type { Config } from '@emperor/config';

import { REINFORCEMENTS } from './reinforcements.ts';
import type { Service, ServiceContext } from './service.ts';

/** A service over an app whose load the test sets, and what it has said. */
function watching(options: { sos?: number; backlog?: number }): {
  service: Service | undefined;
  load: { queueLength: number; status: 'idle' | 'busy' };
  lines: string[];
} {
  const load: { queueLength: number; status: 'idle' | 'busy' } = { queueLength: 0, status: 'idle' };
  const lines: string[] = [];
  const config = { options: { 'vassal-sos': options.sos ?? 0, 'vassal-sos-backlog': options.backlog ?? 0 } };
  const context = {
    app: () => ({ queueLength: load.queueLength, workers: [{ status: load.status }, { status: 'cheap' }] }),
    log: { dated: (line: string) => lines.push(line) },
    askForReinforcements: () => lines.push('asked'),
  };
  const service = REINFORCEMENTS.create(config as unknown as Config, context as unknown as ServiceContext, undefined);
  return { service, load, lines };
}

test('an instance asks for reinforcements once for each time that more requests wait than vassal-sos-backlog', () => {
  mock.timers.enable({ apis: ['setInterval'] });
  const { service, load, lines } = watching({ backlog: 2 });
  service?.begin?.();
  load.queueLength = 2;
  mock.timers.tick(1000);
  assert.deepEqual(lines, []);
  load.queueLength = 3;
  mock.timers.tick(3000);
  assert.deepEqual(lines, ['asking Emperor for reinforcements (backlog: 3)...', 'asked']);
  load.queueLength = 0;
  mock.timers.tick(1000);
  load.queueLength = 5;
  mock.timers.tick(1000);
  assert.equal(lines.length, 4);
  void service?.end?.(0);
  mock.timers.reset();
});

test('an instance with a free worker does not ask for reinforcements', () => {
  mock.timers.enable({ apis: ['setInterval'] });
  const { service, load, lines } = watching({ sos: 1 });
  service?.begin?.();
  load.status = 'idle';
  mock.timers.tick(5000);
  assert.deepEqual(lines, []);
  void service?.end?.(0);
  mock.timers.reset();
});

test('an instance without vassal-sos and vassal-sos-backlog watches nothing', () => {
  assert.equal(watching({}).service, undefined);
});
