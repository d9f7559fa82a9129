import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { VassalStatus } from './admin/status.ts';
import { welcomeText } from './welcome.ts';

const READY = {
  name: 'http/uwsgi.ini',
  state: 'ready',
  figures: { addresses: ['http://:8000', 'uwsgi://127.0.0.1:8001'] },
};

test('welcomeText says where to point the browser, and where the status and the metrics are', () => {
  const text = welcomeText([READY as unknown as VassalStatus], {
    metricsUrl: 'http://127.0.0.1:9117',
    command: 'emperor',
  });
  assert.match(text, /1 of 1 vassals are up/);
  assert.match(text, /site +http:\/\/127\.0\.0\.1:8000\/$/m);
  assert.match(text, /status +http:\/\/127\.0\.0\.1:9117\/status$/m);
  assert.match(text, /metrics +http:\/\/127\.0\.0\.1:9117\/metrics$/m);
  assert.match(text, /What next\?\n {2}open http:\/\/127\.0\.0\.1:8000\/\n.*\n {2}emperor status\n/);
  assert.ok(text.split('\n').every((line) => line.length <= 80));
});

test('welcomeText names what does not start, and why', () => {
  const cursed = {
    name: 'a.ini',
    state: 'cursed',
    lastExit: 'exit status 1',
    nextTry: '2026-11-22T15:56:34.000Z',
    lastLines: ['address in use'],
  };
  assert.match(
    welcomeText([cursed as unknown as VassalStatus], { metricsUrl: undefined, command: 'emperor' }),
    /a\.ini does not start: exit status 1\n +address in use/,
  );
});
