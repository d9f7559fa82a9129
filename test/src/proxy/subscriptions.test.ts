import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ask, HttpClient } from '../rig/http-client.ts';
import { Load } from '../rig/load.ts';
import type { Program } from '../rig/program.ts';
import { Rig } from '../rig/rig.ts';
import { oursOnly, realUwsgiEnvironment } from '../rig/subject.ts';
import { until } from '../rig/until.ts';
import { needs } from '../run/parts.ts';
import { bodyOf, routerArguments, startAnnouncer, startRouter, untilAnswered, writeNamedApp } from './announcing.ts';

const uwsgiNeeded = needs('uwsgi');
const real = { environment: realUwsgiEnvironment };

test('a vassal that announces itself serves its hosts behind our router until it stops', async (t) => {
  await using rig = Rig.open(t);
  const router = await startRouter(rig);
  const one = await startAnnouncer(rig, 'one', ['--subscribe-to', `${router.server}:one.org`]);
  const two = await startAnnouncer(rig, 'two', ['--subscribe2', `server=${router.server},key=two.org`]);
  await router.program.waitForLog(/one\.org => new node: 127\.0\.0\.1:\d+$/);
  await router.program.waitForLog(/two\.org => new node: 127\.0\.0\.1:\d+$/);
  assert.equal(await bodyOf(router.port, 'one.org'), 'one one.org');
  assert.equal(await bodyOf(router.port, 'two.org'), 'two two.org');
  one.signal('SIGINT');
  await one.waitForLog(/^unsubscribing from .*:one\.org$/);
  await router.program.waitForLog(/one\.org => marking .* as failed$/);
  await untilAnswered(router.port, 'one.org', undefined);
  assert.equal(await bodyOf(router.port, 'two.org'), 'two two.org');
  await one.waitForExit();
  await two.stop();
});

test('hundreds of host names share one port of our router', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const router = await startRouter(rig);
  const hosts = Array.from({ length: 400 }, (_, index) => `site${index}.org`);
  rig.write('hosts', ['# all of them', ...hosts, ''].join('\n'));
  await startAnnouncer(rig, 'all', ['--subscribe-to', `${router.server}:@hosts`, '--subscribe-freq', '1']);
  await until('all are announced', () => router.program.log.all(/\.org => new node/).length === hosts.length);
  for (const host of hosts) assert.equal(await bodyOf(router.port, host), `all ${host}`);
  assert.equal((await ask(router.port, 'GET /', { Host: 'site400.org' })).status, 503);
  await router.program.waitForLog(/no node has been announced for "site400\.org"$/);
});

test('vassals that announce the same host share its requests by weight', async (t) => {
  await using rig = Rig.open(t);
  const router = await startRouter(rig);
  for (const [name, weight] of [
    ['heavy', '3'],
    ['light', '1'],
  ] as const)
    await startAnnouncer(rig, name, ['--weight', weight, '--subscribe-to', `${router.server}:x.org`]);
  await untilAnswered(router.port, 'x.org', 'light x.org');
  await untilAnswered(router.port, 'x.org', 'heavy x.org');
  const counts = { 'heavy x.org': 0, 'light x.org': 0 };
  for (let count = 0; count < 40; count++) counts[(await bodyOf(router.port, 'x.org')) as keyof typeof counts]++;
  assert.deepEqual(counts, { 'heavy x.org': 30, 'light x.org': 10 });
});

test('a vassal that dies is set aside at once, and forgotten when it is silent for too long', oursOnly, async (t) => {
  await using rig = Rig.open(t, { mayLeave: /./ });
  const router = await startRouter(rig, ['--subscription-tolerance', '2']);
  const subscribe = ['--subscribe-to', `${router.server}:x.org`, '--subscribe-freq', '1'];
  const doomed = await startAnnouncer(rig, 'doomed', subscribe);
  await startAnnouncer(rig, 'alive', subscribe);
  await untilAnswered(router.port, 'x.org', 'doomed x.org');
  await untilAnswered(router.port, 'x.org', 'alive x.org');
  doomed.signal('SIGKILL');
  await doomed.waitForExit();
  for (let count = 0; count < 20; count++) assert.equal(await bodyOf(router.port, 'x.org'), 'alive x.org');
  await router.program.waitForLog(/x\.org => marking .* as failed \(no announce received in 2 seconds\)$/);
  assert.equal(await bodyOf(router.port, 'x.org'), 'alive x.org');
});

test('vassals of one host are replaced one by one without losing a request', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const router = await startRouter(rig, ['--http-keepalive=1']);
  const start = async (name: string): Promise<Program> => {
    const mark = router.program.log.mark();
    const vassal = await startAnnouncer(rig, name, ['--subscribe-to', `${router.server}:127.0.0.1`]);
    await router.program.waitForLog(/127\.0\.0\.1 => new node/, mark);
    return vassal;
  };
  let old = await start('one');
  await using load = new Load({ port: router.port, clients: 4, keepAlive: true });
  for (const name of ['two', 'three', 'four']) {
    const young = await start(name);
    await load.more(100);
    await old.stop('SIGTERM');
    await load.more(100);
    old = young;
  }
  await load.stop();
  assert.equal(load.bad, 0, load.summary());
});

test('announcements outlive a reload of the router and one of the vassal', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const router = await startRouter(rig);
  const vassal = await startAnnouncer(rig, 'app', [
    '--subscribe-to',
    `${router.server}:x.org`,
    '--subscribe-freq',
    '60',
  ]);
  await untilAnswered(router.port, 'x.org', 'app x.org');
  for (const program of [router.program, vassal]) {
    const mark = program.log.mark();
    program.signal('SIGHUP');
    await program.waitForLog(/^gracefully \(RE\)spawned/, mark);
    for (let count = 0; count < 5; count++) assert.equal(await bodyOf(router.port, 'x.org'), 'app x.org');
  }
  assert.equal(router.program.log.find(/as failed/), undefined);
  assert.equal(vassal.log.find(/^unsubscribing/), undefined);
});

test('start-unsubscribed waits for S in the master-fifo', async (t) => {
  await using rig = Rig.open(t);
  const router = await startRouter(rig);
  const options = ['--start-unsubscribed', '--master-fifo', 'fifo', '--subscribe-to', `${router.server}:x.org`];
  const vassal = await startAnnouncer(rig, 'app', [...options, '--subscribe-freq', '1']);
  assert.equal(await bodyOf(router.port, 'x.org').catch(() => undefined), undefined);
  rig.write('fifo', 'S');
  await vassal.waitForLog(/ - subscriptions re-enabled$/);
  await untilAnswered(router.port, 'x.org', 'app x.org');
  rig.write('fifo', 'S');
  await vassal.waitForLog(/ - subscriptions blocked$/);
});

test('hosts that nobody has announced go to the fallback key, or to http-to', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const toOther = await rig.port();
  const keyed = await startRouter(rig, ['--http-subscription-fallback-key', 'x.org', '--subscription-dotsplit']);
  const mixed = await startRouter(rig, ['--http-to', `127.0.0.1:${toOther}`]);
  const subscribe = [keyed, mixed].flatMap(({ server }) => ['--subscribe-to', `${server}:x.org`]);
  await startAnnouncer(rig, 'app', [...subscribe, '--subscribe-to', `${keyed.server}:.dot.org`]);
  writeNamedApp(rig, 'other');
  const other = await rig.vassal(['--master', '--socket', `127.0.0.1:${toOther}`, '--wsgi-file', 'other.py']);
  await other.waitForLog(/^spawned uWSGI worker 1 /);
  await untilAnswered(keyed.port, 'x.org', 'app x.org');
  await untilAnswered(keyed.port, 'nobody.org', 'app nobody.org');
  await untilAnswered(keyed.port, 'a.dot.org', 'app a.dot.org');
  await untilAnswered(mixed.port, 'x.org', 'app x.org');
  assert.equal(await bodyOf(mixed.port, 'nobody.org'), 'other nobody.org');
});

test('http-cheap lets requests wait until somebody is announced', async (t) => {
  await using rig = Rig.open(t);
  const router = await startRouter(rig, ['--http-cheap']);
  const early = bodyOf(router.port, 'x.org');
  const vassal = await startAnnouncer(rig, 'app', ['--subscribe-to', `${router.server}:x.org`]);
  assert.equal(await early, 'app x.org');
  await router.program.waitForLog(/ leaving cheap mode\.\.\.$/);
  await vassal.stop();
  await router.program.waitForLog(/ no more nodes available\. Going cheap\.\.\.$/);
});

test('vassals announce themselves at a UNIX socket too', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const port = await rig.port();
  const path = rig.path('announcements.sock');
  const router = await rig.vassal(['--http', `127.0.0.1:${port}`, '--http-subscription-server', path]);
  await router.waitForLog(/^uWSGI http subscription server bound on .*announcements\.sock fd \d+$/);
  await startAnnouncer(rig, 'app', ['--subscribe-to', `${path}:x.org`]);
  await untilAnswered(port, 'x.org', 'app x.org');
});

test('an instance with only an http port announces a hidden one that speaks uwsgi', async (t) => {
  await using rig = Rig.open(t);
  const router = await startRouter(rig);
  writeNamedApp(rig, 'app');
  const http = `127.0.0.1:${await rig.port()}`;
  const subscribe = ['--subscribe-to', `${router.server}:x.org`];
  const vassal = await rig.vassal(['--master', '--http', http, '--wsgi-file', 'app.py', ...subscribe]);
  await vassal.waitForLog(/^uwsgi socket 0 bound to TCP address 127\.0\.0\.1:\d+ \(port auto-assigned\) fd \d+$/);
  await untilAnswered(router.port, 'x.org', 'app x.org');
});

test('what is announced has the modifiers, the weight and the address that the options say', async (t) => {
  await using rig = Rig.open(t);
  const statistics = await rig.port();
  const router = await startRouter(rig, ['--http-stats', `127.0.0.1:${statistics}`]);
  const details = 'socket=1,modifier2=7,weight=9';
  const options = ['--socket', `127.0.0.1:${await rig.port()}`, '--subscribe-with-modifier1', '12'];
  await startAnnouncer(rig, 'app', [
    ...options,
    '--subscribe2',
    `server=${router.server},key=x.org,${details}`,
    '--subscribe-to',
    `${router.server}:y.org,5`,
  ]);
  await router.program.waitForLog(/x\.org => new node/);
  await router.program.waitForLog(/y\.org => new node/);
  const { subscriptions } = await rawDocument(statistics);
  const nodes = new Map(subscriptions.map(({ key, nodes: [node] }) => [key, node]));
  assert.equal(nodes.get('x.org')?.name, options[1]);
  assert.deepEqual([nodes.get('x.org')?.modifier2, nodes.get('x.org')?.weight], [7, 9]);
  assert.equal(nodes.get('y.org')?.modifier1, 12);
});

test('http-resubscribe tells another router', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const outer = await startRouter(rig);
  const inner = await startRouter(rig, ['--http-resubscribe', outer.server]);
  await startAnnouncer(rig, 'app', ['--subscribe-to', `${inner.server}:x.org`]);
  await untilAnswered(outer.port, 'x.org', 'app x.org');
});

test('a real uWSGI announces itself to our router, and leaves', uwsgiNeeded, async (t) => {
  await using rig = Rig.open(t);
  const router = await startRouter(rig);
  const start: Rig['vassal'] = (args, how) => rig.start(['uwsgi', ...args], how);
  const uwsgi = await startAnnouncer(rig, 'app', ['--subscribe-to', `${router.server}:x.org`], start, real);
  await untilAnswered(router.port, 'x.org', 'app x.org');
  await uwsgi.stop();
  await router.program.waitForLog(/x\.org => marking .* as failed$/);
});

test("our vassal announces itself to a real uWSGI's router, and leaves", uwsgiNeeded, async (t) => {
  await using rig = Rig.open(t);
  const { args, port, server } = await routerArguments(rig);
  const uwsgi = await rig.start(['uwsgi', ...args], real);
  await uwsgi.waitForLog(/^spawned uWSGI http 1 /);
  const vassal = await startAnnouncer(rig, 'app', ['--subscribe-to', `${server}:x.org`]);
  await uwsgi.waitForLog(/x\.org => new node: 127\.0\.0\.1:\d+$/);
  assert.equal(await bodyOf(port, 'x.org'), 'app x.org');
  await vassal.stop();
  await uwsgi.waitForLog(/x\.org => marking .* as failed$/);
});

test('http-stats tells who is announced and what became of requests', async (t) => {
  await using rig = Rig.open(t);
  const statistics = await rig.port();
  const router = await startRouter(rig, ['--http-stats', `127.0.0.1:${statistics}`]);
  await startAnnouncer(rig, 'app', ['--weight', '5', '--subscribe-to', `${router.server}:x.org`]);
  await untilAnswered(router.port, 'x.org', 'app x.org');
  const response = await rawDocument(statistics);
  assert.deepEqual(
    response.subscriptions.map(({ key, nodes }) => ({ key, weights: nodes.map(({ weight }) => weight) })),
    [{ key: 'x.org', weights: [5] }],
  );
  assert.ok((response.subscriptions[0]?.nodes[0]?.tx ?? 0) > 40);
  assert.deepEqual(response.http, [`127.0.0.1:${router.port}`, router.server]);
});

interface AnnouncedNode {
  readonly name: string;
  readonly modifier1: number;
  readonly modifier2: number;
  readonly weight: number;
  readonly tx: number;
}

interface RouterDocument {
  readonly http: string[];
  readonly subscriptions: { key: string; nodes: AnnouncedNode[] }[];
}

async function rawDocument(port: number): Promise<RouterDocument> {
  await using client = await HttpClient.connect(port);
  return JSON.parse((await client.rest()).toString()) as RouterDocument;
}
