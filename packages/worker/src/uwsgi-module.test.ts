import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { after, before, test } from 'node:test';

import { AppServerRig } from './testing/app-server-rig.ts';
import { FakeBody } from './testing/fake-exchange.ts';
import { Fifos } from './testing/fifo.ts';

const fifos = new Fifos();
let rig: AppServerRig;

before(async () => {
  rig = await AppServerRig.started('uses_uwsgi', {
    processes: 2,
    threads: 2,
    version: '2.0.21',
    nodeName: hostname(),
    processNames: { zygote: 'uWSGI zygote', worker: 'uWSGI worker %d' },
    app: { magicVariables: { n: 'my.site' }, options: { master: true, socket: [':1', ':2'], env: 'A=b' } },
    onCall: (workerId, name, args) => {
      if (name === 'refused') throw new Error('not today');
      return [workerId, name, ...args];
    },
  });
});

after(async () => {
  await rig[Symbol.asyncDispose]();
  fifos[Symbol.dispose]();
});

async function evaluate(expression: string): Promise<string> {
  const { head, text } = await rig.get(`/${expression}`);
  assert.equal(head?.status, 200, rig.output);
  return text;
}

const values: Record<string, string> = {
  'uwsgi.version': "b'2.0.21'",
  'uwsgi.version_info': "(2, 0, 21, 0, b'')",
  'uwsgi.hostname.decode()': `'${hostname()}'`,
  'uwsgi.opt': "{'master': True, 'socket': [b':1', b':2'], 'env': b'A=b'}",
  'uwsgi.numproc, uwsgi.cores, uwsgi.has_threads': '(2, 2, 1)',
  'uwsgi.is_a_reload, uwsgi.buffer_size': '(False, 4096)',
  'uwsgi.worker_id() in (1, 2)': 'True',
  'uwsgi.mypid() == os.getpid()': 'True',
  'uwsgi.masterpid()': String(process.pid),
  'uwsgi.ready(), uwsgi.mule_id(), uwsgi.in_farm(), uwsgi.i_am_the_spooler()': '(True, 0, None, None)',
  'uwsgi.SPOOL_OK, uwsgi.SPOOL_RETRY, uwsgi.SPOOL_IGNORE': '(-2, -1, 0)',
  'abs(uwsgi.micros() - time.time() * 1e6) < 1e6': 'True',
  'uwsgi.mem()[0] > 1000000': 'True',
  'uwsgi.listen_queue()': '0',
  'uwsgi.get_logvar("x"), uwsgi.set_logvar("x", b"y"), uwsgi.get_logvar("x")': "(None, None, b'y')",
  'uwsgi.is_connected(), uwsgi.cl()': '(True, 0)',
  'uwsgi.env is environ, uwsgi.start_response.__name__': "(True, 'start_response')",
  'uwsgi.applications, uwsgi.loop, uwsgi.sockets': '(None, None, [])',
  'uwsgi.magic_table[b"v"] == os.getcwd().encode(), uwsgi.magic_table[b"["]': "(True, b'\\x1b')",
  '"env" in dir(uwsgi), hasattr(uwsgi, "no_such_thing")': '(True, False)',
  'uwsgi.extract("exec://printf x"), uwsgi.extract("/proc/self/comm") != b""': "(b'x', True)",
  'uwsgi.i_am_the_lord("x"), uwsgi.scrolls("x"), uwsgi.ready_fd()': '(False, None, -1)',
  'uwsgi.connect("/no/such/socket"), uwsgi.send(-1, b"x"), uwsgi.recv(-1, 1), uwsgi.close(-1)':
    '(-1, None, None, None)',
  'uwsgi.wait_fd_write(pipe()[1], 1), environ["x-wsgiorg.fdevent.timeout"]': "(b'', False)",
  'uwsgi.wait_fd_read(pipe()[0], 0.001), environ["x-wsgiorg.fdevent.timeout"]': "(b'', True)",
  'uwsgi.async_sleep(0), uwsgi.suspend(), uwsgi.green_schedule()': "(b'', True, True)",
  'uwsgi.parsefile("/proc/self/comm"), uwsgi.parsefile(packet())': "(None, {'key': b'value', 'empty': b''})",
  'uwsgi.is_connected(uwsgi.connection_fd()), select([uwsgi.connection_fd()], [], [], 0)[0]': '(True, [])',
  'uwsgi.add_var("A", "b"), environ["A"]': "(True, 'b')",
  'forked == [os.getpid()]': 'True',
  'uwsgi.lock(), uwsgi.is_locked(), uwsgi.unlock(), uwsgi.is_locked()': '(None, True, None, False)',
  'uwsgi.unlock(), uwsgi.cache_get("x"), uwsgi.cache_set("x", "y"), uwsgi.cache_num("x")': '(None, None, None, 0)',
  'uwsgi.magic_table[b"n"]': "b'my.site'",
};

for (const [expression, value] of Object.entries(values)) {
  test(`${expression} is ${value}`, async () => {
    assert.equal(await evaluate(expression), value);
  });
}

test('uwsgi.workers() tells about all workers, and total_requests() counts', async () => {
  const pids = rig.server.workers.map(({ pid }) => pid);
  assert.equal(await evaluate('[w["pid"] for w in uwsgi.workers()]'), `[${pids.join(', ')}]`);
  assert.equal(
    await evaluate('sorted(uwsgi.workers()[0])'),
    "['apps', 'avg_rt', 'delta_requests', 'exceptions', 'id', 'last_spawn', 'pid', 'requests', 'respawn_count', 'rss', 'running_time', 'signals', 'status', 'tx', 'vsz']",
  );
  assert.match(await evaluate('[w["status"] for w in uwsgi.workers()]'), /^\[b'(busy|idle)', b'(busy|idle)'\]$/);
  const total = Number(await evaluate('uwsgi.total_requests()'));
  assert.equal(Number(await evaluate('uwsgi.total_requests()')), total + 1);
});

test('the uwsgi module works in threads of the app too', async () => {
  assert.match(await evaluate('asks_from_thread()'), /^\[\d+\]$/);
});

test('functions that cannot do here what they do in uWSGI say so', async () => {
  for (const [call, sentence] of [
    ['uwsgi.send(b"x")', /ValueError: the connection of a request belongs to the vassal/],
    ['uwsgi.route("http", "x")', /RuntimeError: uwsgi\.route\("http", "x"\): the actions of routes run in the vassal/],
    ['uwsgi.embedded_data("x")', /ValueError: there is no "x": nothing is embedded/],
    ['uwsgi.extract("ftp://x")', /ValueError: uwsgi\.extract cannot read "ftp:\/\/x"/],
    ['uwsgi.websocket_recv()', /OSError: there is no websocket: call uwsgi\.websocket_handshake\(\) first/],
  ] as const) {
    assert.equal((await rig.get(`/${call}`)).head?.status, 500);
    assert.match(rig.output, sentence);
  }
});

test('a question the vassal refuses is an exception in the app', async () => {
  const ask = '__import__("emperor_worker.calls"), uwsgi.workers.__closure__[0].cell_contents.channel.calls.ask';
  assert.match(await evaluate(`(${ask})[1]("anything", 1, "b")`), /^\[[12], 'anything', 1, 'b'\]$/);
  assert.equal((await rig.get(`/(${ask})[1]("refused")`)).status, 500);
  assert.match(rig.output, /CallError: not today/);
});

test('uwsgi.lock is held across workers', async () => {
  const [first, second] = [fifos.make(), fifos.make()];
  const holding = [first, second].map((path) => rig.send(`/locked_section(${JSON.stringify(path)})`));
  await Promise.all([first, second].map((path) => fifos.release(path)));
  await Promise.all(holding.map(({ done }) => done));
  assert.deepEqual(
    holding.map(({ text }) => text),
    ['True', 'True'],
  );
  assert.equal(await evaluate('uwsgi.is_locked()'), 'False');
});

test('uwsgi.disconnect completes the answer while the app goes on', async () => {
  const path = fifos.make();
  const exchange = rig.send({ PATH_INFO: '/goes_on', QUERY_STRING: path });
  await exchange.done;
  assert.equal(exchange.text, 'complete');
  assert.doesNotMatch(rig.output, /went on/);
  await fifos.release(path);
  await evaluate('1');
});

test('uwsgi.chunked_read gives what has arrived', async () => {
  const body = new FakeBody(undefined);
  const exchange = rig.send('/chunks', body);
  await new Promise<void>((resolve) => {
    body.onReceive = resolve;
  });
  body.receiver?.onBodyData(Buffer.from('first'));
  await exchange.received("b'first'".length);
  body.receiver?.onBodyData(Buffer.from('second'));
  await exchange.received("b'first'b'second'".length);
  body.receiver?.onBodyEnd();
  await exchange.done;
  assert.equal(exchange.text, "b'first'b'second'");
});

test('uwsgi.chunked_read_nb and uwsgi.connection_fd tell what has come of a body without waiting', async () => {
  const body = new FakeBody(undefined);
  const exchange = rig.send('/chunks_without_waiting', body);
  await new Promise<void>((resolve) => {
    body.onReceive = resolve;
  });
  await exchange.received('None'.length);
  body.receiver?.onBodyData(Buffer.from('first'));
  await exchange.received("Noneb'first'".length);
  body.receiver?.onBodyEnd();
  await exchange.done;
  assert.equal(exchange.text, "Noneb'first'b''");
});

test('uwsgi.chunked_read gives up when nothing comes in time', async () => {
  const body = new FakeBody(undefined);
  const exchange = await rig.get('/uwsgi.chunked_read(1)', body);
  assert.equal(exchange.head?.status, 500);
  assert.match(rig.output, /OSError: timeout during read\(0\) on wsgi.input: nothing came for 1 seconds/);
});

test('uwsgi.log_this_request asks for a line in the log', async () => {
  assert.equal((await rig.get('/uwsgi.log_this_request()')).record.insistent, true);
});

test('processNames are what ps shows', () => {
  const shown = (pid: number): string => readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', '');
  assert.equal(shown(rig.server.zygotePid ?? 0), 'uWSGI zygote');
  assert.deepEqual(
    rig.server.workers.map(({ pid }) => shown(pid)),
    ['uWSGI worker 1', 'uWSGI worker 2'],
  );
});

test('uwsgi.set_user_harakiri kills the worker whose request takes longer', async () => {
  const exchange = await rig.get('/too_long()');
  assert.equal(exchange.abortReason, 'its worker died');
  assert.match(await rig.line(/HARAKIRI ON WORKER/), /try: 1/);
});

test('uwsgi.log writes to the log, uwsgi.reload and uwsgi.stop are told', async () => {
  await evaluate('uwsgi.log("a message")');
  assert.match(rig.output, /^a message$/m);
  await evaluate('uwsgi.reload()');
  await rig.until(() => rig.events.some(({ type }) => type === 'reload-requested'));
  await evaluate('uwsgi.stop()');
  await rig.until(() => rig.events.some(({ type }) => type === 'stop-requested'));
});
