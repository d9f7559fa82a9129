import assert from 'node:assert/strict';
import { test } from 'node:test';

import { configArguments, spawnable, splitCommand } from './vassal-command.ts';

test('configArguments names a file as uWSGI does', () => {
  assert.deepEqual(['a.ini', 'b.yml', 'c.yaml', 'd.js', 'e.json', 'f.xml', 'g.conf'].map(configArguments), [
    ['--ini', 'a.ini'],
    ['--yaml', 'b.yml'],
    ['--yaml', 'c.yaml'],
    ['--json', 'd.js'],
    ['--json', 'e.json'],
    ['--xml', 'f.xml'],
    ['--config', 'g.conf'],
  ]);
});

test('splitCommand holds quoted words together', () => {
  assert.deepEqual(splitCommand(`uwsgi  --plugin python3,http "two words" --set='a b'`), [
    'uwsgi',
    '--plugin',
    'python3,http',
    'two words',
    '--set=a b',
  ]);
  assert.deepEqual(splitCommand(''), []);
});

test('spawnable ties a foreign program to the life of the emperor, ours not', () => {
  const command = { file: 'uwsgi', arguments: ['-M'], isForeign: true };
  assert.deepEqual(spawnable(command, '/usr/bin/setpriv'), {
    file: '/usr/bin/setpriv',
    arguments: ['--pdeathsig', 'KILL', '--', 'uwsgi', '-M'],
  });
  assert.deepEqual(spawnable(command, undefined), { file: 'uwsgi', arguments: ['-M'] });
  assert.deepEqual(spawnable({ ...command, isForeign: false }, '/usr/bin/setpriv'), {
    file: 'uwsgi',
    arguments: ['-M'],
  });
});
