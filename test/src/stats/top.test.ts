import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';

import { ask, exchangeBytes, request } from '../rig/http-client.ts';
import { Rig } from '../rig/rig.ts';
import { type Fields, topScreen } from './top.ts';

const APP = `
def application(environ, start_response):
    if environ['PATH_INFO'] == '/raises':
        raise RuntimeError
    start_response('200 OK', [('Content-Type', 'text/plain')])
    return [b'done']
`;

for (const transport of ['stats', 'stats-http'] as const) {
  test(`uwsgitop's screen can be filled from ${transport}`, async (t) => {
    await using rig = Rig.open(t);
    rig.write('app.py', APP);
    const [port, statsPort] = [await rig.port(), await rig.port()];
    const lines = ['[uwsgi]', 'master = true', 'module = app', 'threads = 2', 'memory-report = true'];
    const sockets = [`http-socket = 127.0.0.1:${port}`, `stats = 127.0.0.1:${statsPort}`];
    const head = transport === 'stats' ? [] : ['stats-http = true'];
    rig.write('uwsgi.ini', [...lines, ...sockets, ...head, ''].join('\n'));
    const vassal = await rig.vassal(['uwsgi.ini']);
    await vassal.waitForLog(/^\*\*\* Stats server enabled on /);
    const [, worker] = await vassal.waitForLog(/^spawned uWSGI worker 1 \(pid: (\d+), cores: 2\)$/);
    // uWSGI closes without an answer where the app raises.
    for (const path of ['/', '/', '/raises']) await exchangeBytes(port, request(`GET ${path}`));
    const document =
      transport === 'stats'
        ? await text(connect(statsPort, '127.0.0.1'))
        : (await ask(statsPort, 'GET /')).body.toString();

    const { title, node, rows } = topScreen(JSON.parse(document) as Fields);
    assert.match(title, /^uwsgi-2\.0\.21-\w+ req: 3 lq: 0 tx: \d+$/);
    assert.match(node, new RegExp(`^cwd: ${rig.directory} uid: \\d+ gid: \\d+ masterpid: ${vassal.pid}$`));
    const [first = [], ...cores] = rows;
    assert.deepEqual(first.slice(0, 7), ['1', '3', '100.0', worker, '1', '0', 'idle']);
    const [average = '', rss = '', vsz = '', sent = '', respawns, harakiris, running, spawned = ''] = first.slice(7);
    assert.match(average, /^\d+ms$/);
    assert.match(`${rss} ${vsz}`, /^[\d.]+M [\d.]+[MG]$/);
    assert.match(sent, /^\d+$/);
    assert.deepEqual([respawns, harakiris], ['1', '0']);
    assert.ok(Number(running) > 0);
    assert.ok(Math.abs(Date.parse(spawned) - Date.now()) < 60_000);
    assert.equal(
      cores.reduce((sum, [, requests]) => sum + Number(requests), 0),
      3,
    );
    assert.ok(cores.every(([, , status]) => status === 'idle'));
  });
}
