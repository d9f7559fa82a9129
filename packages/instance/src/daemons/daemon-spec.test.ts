import assert from 'node:assert/strict';
import test from 'node:test';

import { type Config, loadConfig } from '@emperor/config';

import { daemonSpecs } from './daemon-spec.ts';

function configOf(...argv: string[]): Config {
  const { config } = loadConfig({ argv, environment: {}, workingDirectory: '/', scope: 'vassal' });
  assert.ok(config !== undefined);
  return config;
}

test("attach-daemon2 takes uWSGI's keys and their other names", () => {
  const [spec] = daemonSpecs(
    configOf(
      '--attach-daemon2',
      'exec=A=1 /usr/bin/redis-server x\\,y,stop_signal=INT,freq=3,touch=a;b,max_throttle=9,stdin=1',
    ),
  );
  assert.equal(spec?.command, 'A=1 /usr/bin/redis-server x,y');
  assert.equal(spec?.name, 'redis-server');
  assert.equal(spec?.stopSignal, 'SIGINT');
  assert.equal(spec?.reloadSignal, 'SIGINT');
  assert.deepEqual([spec?.frequencySeconds, spec?.maxThrottleSeconds, spec?.readsStdin], [3, 9, true]);
  assert.deepEqual(spec?.touch, ['a', 'b']);
});

test('smart-attach-daemon has a pidfile in front of its command', () => {
  const specs = daemonSpecs(
    configOf('--smart-attach-daemon', '/run/a.pid a -d', '--smart-attach-daemon2', '/run/b.pid b'),
  );
  assert.deepEqual(
    specs.map(({ command, pidfile, staysInForeground }) => [command, pidfile, staysInForeground]),
    [
      ['a -d', '/run/a.pid', false],
      ['b', '/run/b.pid', true],
    ],
  );
});

for (const [value, message] of [
  ['cmd=x,legion=a', /there are no legions/],
  ['cmd=x,ns_pid=1', /unshare --pid/],
  ['cmd=x,stopsignal=NOPE', /there is no signal "NOPE"/],
  ['cmd=x,freq=0', /freq is "0"/],
  ['freq=1', /there is no command to run/],
  ['cmd=x,uid=no-such-user-here', /there is no user/],
] as const)
  test(`attach-daemon2 = ${value} is refused with the reason`, () => {
    assert.throws(() => daemonSpecs(configOf('--attach-daemon2', value)), message);
  });
