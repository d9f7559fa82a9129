import assert from 'node:assert/strict';
import test from 'node:test';

import { type Config, loadConfig } from '@emperor/config';

import { muleSpecs } from './mule-specs.ts';

function configOf(...argv: string[]): Config {
  const { config } = loadConfig({ argv, environment: {}, workingDirectory: '/', scope: 'vassal' });
  assert.ok(config !== undefined);
  return config;
}

test('mules are numbered in the order of the configuration, and farms name some of them', () => {
  const specs = muleSpecs(configOf('--mule=work.py', '--mules', '2', '--farm', 'cows:1,3'));
  assert.deepEqual(specs, [
    { number: 1, script: 'work.py', farms: ['cows'] },
    { number: 2, script: undefined, farms: [] },
    { number: 3, script: undefined, farms: ['cows'] },
  ]);
  assert.throws(
    () => muleSpecs(configOf('--mules', '1', '--farm', 'cows:2')),
    /numbers of mules, of which there are 1/,
  );
});
