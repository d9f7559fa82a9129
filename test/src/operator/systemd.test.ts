import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

import { Rig } from '../rig/rig.ts';
import { repository } from '../rig/subject.ts';
import { until } from '../rig/until.ts';
import { needs } from '../run/parts.ts';
import { layOutProject } from '../tutorial/project.ts';
import { emperorCommand } from './site.ts';
import { SystemdHost } from './systemd-host.ts';

const UNIT = 'emperor.service';

/** The shipped units and configuration over one site, which the socket unit holds port 80 for. */
function layOutUnits(rig: Rig): void {
  mkdirSync(rig.path('www/project'), { recursive: true });
  layOutProject(rig, 'www/project');
  rig.write(
    'www/project/uwsgi.ini',
    `[uwsgi]
chdir = %d
master = true
http-socket = 0.0.0.0:80
pythonpath = code/
module = app

[emperor]
hold = 0.0.0.0:80
`,
  );
  const shipped = (name: string): string => readFileSync(`${repository}deploy/systemd/${name}`, 'utf8');
  const configuration = rig.write('emperor.ini', shipped('emperor.ini').replace('/srv/www', rig.path('www')));
  rig.write('units/emperor.socket', shipped('emperor.socket'));
  rig.write(
    `units/${UNIT}`,
    shipped(UNIT).replace('/usr/bin/emperor', emperorCommand).replace('/etc/emperor/emperor.ini', configuration),
  );
  // Of the whole system there are these units only, and what they write shall be seen when the test fails.
  rig.write(
    `units/${UNIT}.d/test.conf`,
    `[Unit]
DefaultDependencies=no
Requires=emperor.socket
[Service]
WatchdogSec=2s
StandardOutput=append:${rig.path('emperor.log')}
StandardError=inherit
`,
  );
  rig.write('units/emperor.socket.d/test.conf', '[Unit]\nDefaultDependencies=no\n');
}

/** Starting a system takes a while where everything does. */
const TIMEOUT_MS = 120_000;

test(
  'the service runs under a real systemd: start, requests, restart, reload, a hung emperor, stop',
  { ...needs('systemd'), timeout: TIMEOUT_MS },
  async (t) => {
    await using rig = Rig.open(t, { mayLeave: /./ });
    layOutUnits(rig);
    const started = await SystemdHost.start(rig, 'units', UNIT);
    if (typeof started === 'string') return t.skip(started);
    await using host = started;
    const emperorPid = async (): Promise<string | undefined> => (await host.show(UNIT)).get('MainPID');
    /** Another emperor than a former one tells systemd that all is well. @returns its pid */
    const successor = (former: string | undefined): Promise<string> =>
      until('the emperor is up', async () => {
        const unit = await host.show(UNIT);
        const isUp = unit.get('ActiveState') === 'active' && unit.get('StatusText') === '1 of 1 vassals are up';
        const pid = unit.get('MainPID') ?? '0';
        return isUp && pid !== '0' && pid !== former && pid;
      });
    const get = (url: string): Promise<string> => host.run('curl', '--silent', '--fail', url);
    const vassalPid = async (): Promise<string | undefined> =>
      /"pid": (\d+),\s+"launches"/.exec(await get('http://127.0.0.1:9117/status'))?.[1];

    const first = await successor(undefined);
    assert.match(await get('http://127.0.0.1/'), /Welcome/);
    const vassal = await vassalPid();
    assert.match(vassal ?? '', /^\d+$/);

    await host.systemctl('restart', UNIT);
    await successor(first);
    assert.equal(await vassalPid(), vassal, 'a restart replaces the emperor alone');
    assert.match(await get('http://127.0.0.1/'), /Welcome/);

    await host.systemctl('reload', UNIT);
    await until('the reload is over', async () =>
      /emperor_vassal_reloads_total\S* 1$/m.test(await get('http://127.0.0.1:9117/metrics')),
    );

    const hung = await emperorPid();
    await host.run('kill', '-STOP', hung ?? '');
    await successor(hung);
    assert.equal(await vassalPid(), vassal, 'the watchdog replaces the emperor alone, too');
    assert.match(await get('http://127.0.0.1/'), /Welcome/);

    await host.systemctl('stop', UNIT);
    assert.equal((await host.show(UNIT)).get('Result'), 'success');
    await assert.rejects(host.run('kill', '-0', vassal ?? ''), 'the vassal has ended with it');
  },
);
