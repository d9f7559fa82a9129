import assert from 'node:assert/strict';
import { test } from 'node:test';

import { LogTargetError, parseLogTarget } from './log-target.ts';

for (const [value, kind, argument, name] of [
  ['file:logs/request.log', 'file', '/srv/logs/request.log', undefined],
  ['logs/u.log', 'file', '/srv/logs/u.log', undefined],
  ['errs file:/var/log/e.log', 'file', '/var/log/e.log', 'errs'],
  ['fd:3', 'fd', '3', undefined],
  ['stdio', 'stdio', '', undefined],
  ['socket:127.0.0.1:514', 'socket', '127.0.0.1:514', undefined],
  ['j rsyslog:10.0.0.1:514,app', 'rsyslog', '10.0.0.1:514,app', 'j'],
] as const) {
  test(`parseLogTarget understands "${value}"`, () => {
    assert.deepEqual(parseLogTarget(value, '/srv'), { name, kind, argument });
  });
}

for (const value of ['file:', 'zeromq:tcp', 'fd:']) {
  test(`parseLogTarget refuses "${value}"`, () => {
    assert.throws(() => parseLogTarget(value, '/srv'), LogTargetError);
  });
}
