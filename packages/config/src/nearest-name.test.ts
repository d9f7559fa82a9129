import assert from 'node:assert/strict';
import { it } from 'node:test';
import { didYouMean } from './lazy-parts.ts';
import { nearestName } from './nearest-name.ts';

it('nearestName finds the option behind the typos of public files', () => {
  const typos: Readonly<Record<string, string>> = {
    process: 'processes',
    worker: 'workers',
    vaccum: 'vacuum',
    'enable-thread': 'enable-threads',
    'max-request': 'max-requests',
    python_path: 'pythonpath',
    logoto: 'logto',
    'no-orphan': 'no-orphans',
    'cheaper-business-max': 'cheaper-busyness-max',
    'py-callos-afterfork': 'py-call-osafterfork',
    'offload-treads': 'offload-threads',
    'htpp-socket': 'http-socket',
    virutalenv: 'virtualenv',
    harikiri: 'harakiri',
  };
  for (const [typo, name] of Object.entries(typos)) assert.equal(didYouMean(typo, 'vassal'), name, typo);
  assert.ok(['uid', 'gid'].includes(didYouMean('guid', 'vassal') ?? ''));
});

it('nearestName keeps quiet about words that are like no option', () => {
  for (const word of ['project', 'base', 'domain', 'x', 'app_name', '', 'nest', 'a'.repeat(500)])
    assert.equal(didYouMean(word, 'vassal'), undefined, word);
});

it('nearestName prefers the nearer of two names', () => {
  assert.equal(nearestName('abcdefgx', ['abcdefyy', 'abcdefgh']), 'abcdefgh');
});
