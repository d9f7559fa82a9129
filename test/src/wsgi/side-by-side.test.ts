import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ask, exchangeBytes } from '../rig/http-client.ts';
import { Rig } from '../rig/rig.ts';
import { type Contestant, type Pair, startBoth } from '../routes/side-by-side.ts';
import { needs } from '../run/parts.ts';

const BODY = 'ab\ncdef\n\nlast';

/** Requests whose answer and line in the log must be the same. */
const requests: readonly (readonly [line: string, body?: string])[] = [
  ['POST /reads', BODY],
  ['POST /reads_lines', BODY],
  ['POST /iterates', BODY],
  ['GET /reads'],
  ['GET /starts_twice'],
  ['GET /writes'],
  ['GET /yields_empty_items'],
  ['GET /yields_nothing'],
  ['GET /generates'],
  ['GET /has_no_content'],
  ['GET /sends_a_file'],
  ['GET /sends_what_is_no_file'],
  ['GET /calls_sendfile'],
  ['GET /has_its_own_reason'],
  ['GET /has_no_reason'],
  ['GET /sets_cookies'],
  ['GET /is_bytes'],
];

/** What the app sees and the module `uwsgi` says. */
const expressions = [
  'sorted(environ)',
  '[environ[name] for name in sorted(environ) if name.isupper() and name not in ("HTTP_HOST", "SERVER_PORT")]',
  'environ["wsgi.version"], environ["wsgi.run_once"], environ["wsgi.multithread"], environ["wsgi.multiprocess"]',
  'environ["wsgi.url_scheme"], environ["uwsgi.node"], type(environ["uwsgi.version"])',
  'sys.argv, __name__, os.getcwd() == os.path.dirname(os.path.abspath(__file__))',
  'sys.path[0], sys.path[1], "." in sys.path',
  'uwsgi.numproc, uwsgi.cores, uwsgi.has_threads, uwsgi.buffer_size, uwsgi.is_a_reload',
  'uwsgi.hostname, uwsgi.applications, uwsgi.loop, uwsgi.unbit, type(uwsgi.started_on)',
  'uwsgi.opt["pyargv"], uwsgi.opt["master"], uwsgi.opt["module"], uwsgi.opt["vacuum"]',
  'uwsgi.worker_id() in (1, 2), uwsgi.masterpid() == os.getppid() or uwsgi.masterpid() > 0',
  'sorted(uwsgi.workers()[0]), len(uwsgi.workers()), sorted(uwsgi.workers()[0]["apps"][0])',
  'uwsgi.workers()[0]["id"], uwsgi.workers()[0]["apps"][0]["mountpoint"], uwsgi.workers()[0]["apps"][0]["id"]',
  'uwsgi.SPOOL_OK, uwsgi.SPOOL_RETRY, uwsgi.SPOOL_IGNORE',
  'uwsgi.ready(), uwsgi.accepting(), uwsgi.ready_fd(), uwsgi.logsize(), uwsgi.mule_id()',
  'uwsgi.i_am_the_spooler(), uwsgi.in_farm(), uwsgi.in_farm("x"), uwsgi.i_am_the_lord("x"), uwsgi.lord_scroll("x"), uwsgi.scrolls("x")',
  'uwsgi.get_logvar("a"), uwsgi.set_logvar("a", "b"), uwsgi.get_logvar("a"), uwsgi.get_logvar(b"a")',
  'uwsgi.add_var("A", "b"), uwsgi.log("a line"), uwsgi.log_this_request(), uwsgi.cl()',
  'uwsgi.is_connected(uwsgi.connection_fd()), uwsgi.set_user_harakiri(0), uwsgi.setprocname("x")',
  'uwsgi.lock(), uwsgi.is_locked(), uwsgi.unlock(), uwsgi.is_locked()',
  'uwsgi.extract("/etc/hostname") == open("/etc/hostname", "rb").read(), uwsgi.extract("exec://printf x")',
  'uwsgi.parsefile("/etc/hostname"), uwsgi.parsefile("/no/such/file")',
  'uwsgi.green_schedule(), uwsgi.suspend(), uwsgi.async_sleep(0)',
  'uwsgi.connect("127.0.0.1:1"), uwsgi.connect("/no/such.socket"), uwsgi.close(777), uwsgi.send(777, b"x"), uwsgi.recv(777, 4)',
  'uwsgi.magic_table[b"v"], uwsgi.magic_table[b"u"], uwsgi.magic_table[b"k"]',
  'uwsgi.set_warning_message("x"), uwsgi.alarm("x", "y"), type(uwsgi.micros()), len(uwsgi.mem())',
  'uwsgi.websocket_handshake()',
];

const settings = [
  'vacuum',
  'processes = 2',
  'threads = 2',
  'pyargv = a b',
  'pythonpath = /opt',
  'manage-script-name = true',
];

async function answerOf({ port }: Contestant, line: string, body = ''): Promise<string> {
  const answer = await ask(port, line, { Connection: 'close' }, body);
  const headers = answer.headers.filter(([name]) => !/^(?:connection|content-length|transfer-encoding)$/i.test(name));
  return [answer.statusLine, ...headers.map((pair) => pair.join(': ')), '', answer.body.toString('latin1')].join('\n');
}

/** Of a line of the log what does not depend on chance. */
async function lineOf({ program }: Contestant, line: string): Promise<string> {
  const path = line.split(' ')[1];
  const [found] = await program.waitForLog(new RegExp(`^\\[pid: \\d+\\|app: .*? ${path} => .*$`));
  return found
    .replace(/^\[pid: \d+/, '[pid: N')
    .replace(/req: \d+\/\d+/, 'req: N')
    .replace(/\[\w{3} [^\]]*\]/, '[date]')
    .replace(/in \d+ msecs/, 'in N msecs')
    .replace(/core \d/, 'core N')
    .replace(/\{(\d+) vars in \d+ bytes\}/, '{$1 vars}');
}

async function both<T>({ ours, theirs }: Pair, what: (contestant: Contestant) => Promise<T>): Promise<[T, T]> {
  return await Promise.all([what(ours), what(theirs)]);
}

test('apps answer as under the real uWSGI, and see the same', needs('uwsgi'), async (t) => {
  await using rig = Rig.open(t);
  const pair = await startBoth(rig, settings, 'wsgi_facts');
  for (const [line, body] of requests) {
    await t.test(`${line} is answered the same`, async () => {
      const [ours, theirs] = await both(pair, (contestant) => answerOf(contestant, line, body));
      assert.equal(ours, theirs);
      assert.equal(...(await both(pair, (contestant) => lineOf(contestant, line))));
    });
  }
  await t.test('uwsgi.chunked_read gives the chunks of a body one by one', async () => {
    const chunks = '5\r\nfirst\r\n6\r\nsecond\r\n0\r\n\r\n';
    const head = 'POST /reads_chunks HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n';
    const [ours, theirs] = await both(pair, async ({ port }) => (await exchangeBytes(port, head + chunks)).toString());
    assert.match(ours, /\[b'first', b'second'\]$/);
    assert.match(theirs, /\[b'first', b'second'\]$/);
  });
  const [ours, theirs] = await both(pair, async ({ port }) => {
    const { body } = await ask(port, 'POST /evaluates', {}, expressions.join('\n'));
    return body.toString().split('\n');
  });
  for (const [index, expression] of expressions.entries()) {
    await t.test(`${expression} is the same`, () => assert.equal(ours[index], theirs[index]));
  }
});
