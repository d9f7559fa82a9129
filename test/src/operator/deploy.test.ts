import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { promisify } from 'node:util';

import { ask } from '../rig/http-client.ts';
import { Rig } from '../rig/rig.ts';
import { repository } from '../rig/subject.ts';
import { needs } from '../run/parts.ts';
import { layOutProject } from '../tutorial/project.ts';
import { emperorCommand, startSite } from './site.ts';

const run = promisify(execFile);
const deploy = `${repository}deploy`;

/** Exposure levels of `systemd-analyze security` go from 0 (safe) to 10; higher ones than these are a step back. */
const HIGHEST_EXPOSURE = { 'emperor.service': 5, 'emperor@.service': 2.5 } as const;

test('the Prometheus configuration, the alert rules and their tests pass promtool', needs('prometheus'), async () => {
  const directory = `${deploy}/prometheus`;
  await run('promtool', ['check', 'config', `${directory}/prometheus.yml`]);
  await run('promtool', ['check', 'rules', `${directory}/emperor.rules.yml`]);
  await run('promtool', ['test', 'rules', `${directory}/emperor.rules.test.yml`]);
});

test('the alert rules and the Grafana dashboard speak only of metrics that the emperor has', async (t) => {
  await using rig = Rig.open(t);
  const { metricsUrl } = await startSite(rig);
  const metrics = await (await fetch(`${metricsUrl}/metrics`)).text();
  const families = new Set([...metrics.matchAll(/^# TYPE (\S+)/gm)].map(([, name = '']) => name));
  for (const file of ['prometheus/emperor.rules.yml', 'grafana/emperor.json']) {
    const text = readFileSync(`${deploy}/${file}`, 'utf8');
    const names = [...text.matchAll(/\bemperor_[a-z0-9_]+/g)].map(([name]) =>
      name.replace(/_(?:bucket|sum|count)$/, ''),
    );
    assert.ok(names.length > 5);
    assert.deepEqual(
      names.filter((name) => !families.has(name)),
      [],
      file,
    );
  }
});

test('the systemd units are correct and hardened', needs('systemd'), async (t) => {
  await using rig = Rig.open(t);
  for (const [name, highest] of Object.entries(HIGHEST_EXPOSURE)) {
    // The program is not installed here.
    const unit = readFileSync(`${deploy}/systemd/${name}`, 'utf8').replaceAll('/usr/bin/emperor', '/bin/true');
    const path = rig.write(name, unit.replace(/^Documentation=.*$/m, ''));
    const { stdout, stderr } = await run('systemd-analyze', ['verify', path]);
    assert.equal(stdout + stderr, '', name);
    const security = await run('systemd-analyze', ['security', '--offline=true', '--no-pager', path]);
    const [, level] = /Overall exposure level for \S+: ([\d.]+)/.exec(security.stdout) ?? [];
    assert.ok(Number(level) <= highest, `${name}: ${level}`);
  }
});

test('the part of the unit that allows namespaces and capabilities is correct', needs('systemd'), async (t) => {
  await using rig = Rig.open(t);
  const unit = readFileSync(`${deploy}/systemd/emperor.service`, 'utf8').replaceAll('/usr/bin/emperor', '/bin/true');
  const path = rig.write('emperor.service', unit.replace(/^Documentation=.*$/m, ''));
  mkdirSync(rig.path('emperor.service.d'));
  rig.write('emperor.service.d/confinement.conf', readFileSync(`${deploy}/systemd/confinement.conf`, 'utf8'));
  const { stdout, stderr } = await run('systemd-analyze', ['verify', path]);
  assert.equal(stdout + stderr, '');
});

test('a socket that systemd has opened serves from the first request on', needs('systemd'), async (t) => {
  await using rig = Rig.open(t);
  const address = `127.0.0.1:${await rig.port()}`;
  mkdirSync(rig.path('site'));
  layOutProject(rig, 'site');
  const app = `chdir = %d\npythonpath = code/\nmodule = app`;
  rig.write(
    'site/uwsgi.ini',
    `[uwsgi]\nmaster = true\nhttp-socket = ${address}\n${app}\n\n[emperor]\nhold = ${address}\n`,
  );
  const emperor = [emperorCommand, '--glob', '*/uwsgi.ini', '--runtime-dir', 'run'];
  const program = await rig.start(['systemd-socket-activate', '--listen', address, ...emperor], {
    stopSignal: 'SIGTERM',
  });
  await program.waitForLog(/Listening on/);
  const { status } = await ask(Number(address.split(':')[1]), 'GET /');
  assert.equal(status, 200);
  await program.waitForLog(/"event":"vassal-loyal"/);
});

test('the options in deploy/systemd/emperor.ini are ones the emperor has', async (t) => {
  await using rig = Rig.open(t);
  const ini = readFileSync(`${deploy}/systemd/emperor.ini`, 'utf8')
    // Those that are only suggested shall be right too.
    .replaceAll(/^# (?=[a-z-]+ = )/gm, '')
    .replace('emperor-tyrant = true\n', '')
    .replace('/run/emperor.pid', rig.path('emperor.pid'))
    .replace('/srv/www', rig.path('www'))
    .replaceAll(/127\.0\.0\.1:91\d\d/g, '127.0.0.1:0');
  rig.write('emperor.ini', ini);
  const emperor = await rig.start([
    `${repository}apps/emperor/bin/emperor`,
    '--ini',
    'emperor.ini',
    '--runtime-dir',
    'run',
  ]);
  await emperor.waitForLog(/admin-listening/);
  assert.equal((await emperor.stop()).code, 0);
});

test('the logrotate file is one that logrotate understands', needs('logrotate'), async (t) => {
  await using rig = Rig.open(t);
  const path = rig.path('logrotate');
  cpSync(`${deploy}/logrotate/emperor`, path);
  chmodSync(path, 0o644);
  const { stderr } = await run('logrotate', ['--debug', '--state', rig.path('state'), path]);
  assert.doesNotMatch(stderr, /^error/m);
  assert.match(stderr, /rotating pattern: \/srv\/www\/\*\/logs\/\*\.log/);
});
