import assert from 'node:assert/strict';
import { test } from 'node:test';

import { uwsgiJson } from './uwsgi-json.ts';

test('uwsgiJson prints as uWSGI does', () => {
  const document = {
    version: '2.0.21',
    pid: 7,
    emperor: ['/srv', '*.ini'],
    vassals: [{ id: 'a', uid: 0 }],
    blacklist: [],
  };
  assert.equal(
    uwsgiJson(document),
    '{\n\t"version":"2.0.21",\n\t"pid":7,\n\t"emperor":[\n"/srv",\n"*.ini"\n\t],\n\t"vassals":[\n' +
      '\t\t{\n\t\t\t"id":"a",\n\t\t\t"uid":0\n\t\t}\n\t],\n\t"blacklist":[\n\n\t]\n}',
  );
});

test('uwsgiJson stays JSON when a name has quotes', () => {
  assert.deepEqual(JSON.parse(uwsgiJson({ id: 'we"ird\n.ini' })), { id: 'we"ird\n.ini' });
});
