import assert from 'node:assert/strict';
import test from 'node:test';

import { type Config, loadConfig } from '@emperor/config';

import { cronSpecs } from './cron-spec.ts';

function configOf(...argv: string[]): Config {
  const { config } = loadConfig({ argv, environment: {}, workingDirectory: '/', scope: 'vassal' });
  assert.ok(config !== undefined);
  return config;
}

test('cron2 has keys in front of its command, cron five times', () => {
  const [first, second] = cronSpecs(
    configOf('--cron2', 'minute=-5,hour=3,unique=1,harakiri=7 echo a=1, b', '--cron', '59 2 -1 -1 7 date +%s'),
  );
  assert.deepEqual(first, {
    time: { minute: -5, hour: 3, day: -1, month: -1, week: -1 },
    command: 'echo a=1, b',
    isUnique: true,
    harakiriSeconds: 7,
  });
  assert.deepEqual(second?.time, { minute: 59, hour: 2, day: -1, month: -1, week: 7 });
  assert.throws(() => cronSpecs(configOf('--cron2', 'legion=x date')), /there are no legions/);
  assert.throws(() => cronSpecs(configOf('--cron2', 'day=32 date')), /the day is "32"/);
});
