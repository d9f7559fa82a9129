import assert from 'node:assert/strict';
import { test } from 'node:test';

import { inheritedEnvironment, vassalEnvironment } from './vassal-environment.ts';

test('inheritedEnvironment keeps what is the emperor to itself', () => {
  const environment = {
    PATH: '/bin',
    UWSGI_EMPEROR: '*.ini',
    UWSGI_EMPEROR_FD: '9',
    NOTIFY_SOCKET: '/run/n',
    UWSGI_HTTP: ':1',
  };
  assert.deepEqual(inheritedEnvironment(environment), { PATH: '/bin', UWSGI_HTTP: ':1' });
});

test('inheritedEnvironment gives UWSGI_VASSAL_X to vassals as UWSGI_X', () => {
  assert.deepEqual(inheritedEnvironment({ UWSGI_VASSAL_PROCESSES: '2', UWSGI_PROCESSES: '1' }), {
    UWSGI_PROCESSES: '2',
  });
});

test('vassalEnvironment names the emperor socket and the control socket', () => {
  const controlSocket = '/run/emperor/vassals/x/control';
  const told = { A: '1', UWSGI_EMPEROR_FD: '3', EMPEROR_CONTROL_SOCKET: controlSocket };
  assert.deepEqual(
    vassalEnvironment({ A: '1' }, { controlSocket, socketAddress: undefined, fileOwner: undefined, outlives: false }),
    told,
  );
  assert.deepEqual(
    vassalEnvironment(
      { A: '1' },
      { controlSocket, socketAddress: ':8000', fileOwner: { path: '/a.ini', uid: 33 }, outlives: true },
    ),
    {
      ...told,
      EMPEROR_VASSAL_FILE_OWNER: '33:/a.ini',
      EMPEROR_VASSAL_SOCKET: ':8000',
      EMPEROR_VASSAL_OUTLIVES: '1',
    },
  );
});
