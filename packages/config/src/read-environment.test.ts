import assert from 'node:assert/strict';
import { it } from 'node:test';
import { readEnvironment } from './read-environment.ts';

it('readEnvironment makes options of UWSGI_ variables', () => {
  const entries = readEnvironment({ UWSGI_HTTP_SOCKET: ':8000', PATH: '/bin', UWSGI_MASTER: 'true' });
  assert.deepEqual(
    entries.map(({ key, value }) => `${key}=${value}`),
    ['http-socket=:8000', 'master=true'],
  );
});

it('readEnvironment passes over what processes of an instance tell each other', () => {
  assert.deepEqual(
    readEnvironment({
      UWSGI_EMPEROR_FD: '7',
      UWSGI_RELOADS: '1',
      UWSGI_VASSALS_DIR: '/v',
      UWSGI_VASSAL_PORT: '80',
      UWSGI_: 'x',
    }),
    [],
  );
});
