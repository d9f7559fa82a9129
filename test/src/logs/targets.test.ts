import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

import { startInstance, writeApp } from '../instance/project.ts';
import { ask, HttpClient } from '../rig/http-client.ts';
import { Rig } from '../rig/rig.ts';
import { oursOnly } from '../rig/subject.ts';
import { until } from '../rig/until.ts';
import { besideUwsgi, startBoth } from '../routes/side-by-side.ts';

function linesOf(path: string): string[] {
  return existsSync(path) ? readFileSync(path, 'latin1').split('\n').slice(0, -1) : [];
}

/** Rules that write lines of every kind. */
const SAYING = [
  'route = ^/alarm log:ALARM now',
  'route = ^/quiet log:silence please',
  'route = ^/say log:said "something"',
];

const PATHS = ['/', '/alarm', '/quiet', '/say', '/lost', '/end'];

test(
  'named loggers, routes by pattern, filters and encoders send each line where the real uWSGI sends it',
  besideUwsgi,
  async (t) => {
    await using rig = Rig.open(t);
    const pair = await startBoth(
      rig,
      [
        ...SAYING,
        'logger = file:%n-messages',
        'logger = alarms file:%n-alarms',
        'log-route = alarms ^ALARM',
        'log-drain = ^silence',
        'log-encoder = prefix [m]',
        'log-encoder = format:alarms A ${msg}',
        'log-encoder = nl:alarms',
        'req-logger = file:%n-requests',
        'req-logger = file:%n-more-requests',
        'log-req-encoder = format ${msg} <${strftime:%%Y}>',
        'log-req-encoder = nl',
        'log-format = R %(method) %(uri) %(status)',
      ],
      'told',
      'answer',
    );
    for (const { port } of [pair.ours, pair.theirs]) for (const path of PATHS) await ask(port, `GET ${path}`);
    const lastLines = { messages: /said/, alarms: /ALARM/, requests: /\/end/, 'more-requests': /\/end/ };
    for (const [log, last] of Object.entries(lastLines)) {
      const own = async (name: string): Promise<string[]> => {
        const lines = (): string[] =>
          linesOf(rig.path(`${name}-${log}`)).filter((line) => /ALARM|silence|said|R GET \/./.test(line));
        await until(`${name}-${log} has its last line`, () => lines().some((line) => last.test(line)));
        return lines();
      };
      assert.deepEqual(await own('ours'), await own('theirs'), log);
    }
  },
);

test('the name of the configuration is told on stderr, wherever the log goes', async (t) => {
  await using rig = Rig.open(t);
  const lines = [
    `http-socket = 127.0.0.1:${await rig.port()}`,
    'module = app',
    'logger = file:u.log',
    'log-date = true',
  ];
  writeApp(rig, 'any');
  rig.write('uwsgi.ini', ['[uwsgi]', 'master = true', ...lines, ''].join('\n'));
  const vassal = await rig.vassal(['uwsgi.ini']);
  await vassal.waitForLog(/^\[uWSGI\] getting INI configuration from uwsgi\.ini$/);
  await until('the worker is there', () =>
    linesOf(rig.path('u.log')).some((line) => line.includes('spawned uWSGI worker 1')),
  );
  assert.match(linesOf(rig.path('u.log'))[0] ?? '', / - \*\*\* Starting uWSGI /);
});

test('log-date dates what the server says, not what the app prints', async (t) => {
  await using rig = Rig.open(t);
  const port = await rig.port();
  rig.write('app.py', SPEAKING_APP);
  const lines = [`http-socket = 127.0.0.1:${port}`, 'module = app', 'logger = file:u.log', 'log-date = DATE'];
  rig.write('uwsgi.ini', ['[uwsgi]', 'master = true', ...lines, ''].join('\n'));
  await rig.vassal(['uwsgi.ini']);
  const spoken = (): string[] =>
    linesOf(rig.path('u.log')).flatMap(
      (line) => /^(?:DATE )?(?:- )?(?:spawned uWSGI worker|printed|said).*/.exec(line) ?? [],
    );
  await until('the worker is there', () => spoken().some((line) => line.includes('worker 1')));
  await ask(port, 'GET /');
  await until('the last line is written', () => spoken().some((line) => line.endsWith('again')));
  assert.deepEqual(
    spoken().map((line) => line.replace(/worker.*/, 'worker')),
    ['printed', 'DATE - said', 'DATE - spawned uWSGI worker', 'DATE - said', 'printed again'],
  );
});

const SPEAKING_APP = `import uwsgi
print('printed', flush=True)
uwsgi.log('said')

def application(environ, start_response):
    uwsgi.log('said')
    print('printed again', flush=True)
    start_response('200 OK', [])
    return []
`;

/** uWSGI makes no file for a req-logger that has a name. */
test('named request loggers get the request lines that match their patterns, others the rest', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const { port } = await startInstance(rig, [
    'req-logger = file:requests',
    'req-logger = lost file:lost',
    'log-req-route = lost /lost',
    'log-format = R %(uri)',
  ]);
  for (const path of ['/', '/lost', '/end']) await ask(port, `GET ${path}`);
  await until('the last line is written', () => linesOf(rig.path('requests')).includes('R /end'));
  assert.deepEqual(linesOf(rig.path('requests')), ['R /', 'R /end']);
  assert.deepEqual(linesOf(rig.path('lost')), ['R /lost']);
});

test('a log that is full is said once, counted, and costs no request', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const { vassal, port } = await startInstance(rig, ['req-logger = file:/dev/full']);
  for (let count = 0; count < 50; count++) assert.equal((await ask(port, 'GET /')).status, 200);
  const complaint = /^cannot write to the log \/dev\/full: .*ENOSPC.*; lines are dropped and counted/;
  await vassal.waitForLog(complaint);
  assert.equal(vassal.log.all(complaint).length, 1);
});

/** Binds a UNIX datagram socket, and writes what comes to its standard output from the moment it gets SIGUSR1 on. */
const RECEIVER = `import signal, socket, sys
receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
receiver.bind('logs.sock')
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
print('bound', flush=True)
signal.sigwait([signal.SIGUSR1])
while True:
    print(receiver.recv(1 << 20).decode('latin-1').rstrip()[:100], flush=True)
`;

test(
  'a log socket that hangs costs no request, its lines are bounded, and what was lost is counted',
  oursOnly,
  async (t) => {
    await using rig = Rig.open(t, { mayLeave: /^logs\.sock$/ });
    rig.write('receiver.py', RECEIVER);
    const receiver = await rig.start(['python3', 'receiver.py'], { stopSignal: 'SIGTERM' });
    await receiver.waitForLog(/^bound$/);
    // Lines so long that some hundred are more than may be held.
    const long = 'x'.repeat(60_000);
    const { vassal, port } = await startInstance(rig, [
      'req-logger = socket:logs.sock',
      `log-format = R %(uri) ${long}`,
    ]);
    await using client = await HttpClient.connect(port);
    for (let count = 0; count < 400; count++) {
      client.send(`GET /${count} HTTP/1.1\r\nHost: a\r\n\r\n`);
      assert.equal((await client.answer()).status, 200);
    }
    const complaint =
      /^cannot write to the log socket:logs\.sock: it does not take lines as fast as they come; lines are dropped/;
    await vassal.waitForLog(complaint);
    receiver.signal('SIGUSR1');
    const [, dropped] = await receiver.waitForLog(/^the log socket:logs\.sock takes lines again; (\d+) were dropped/);
    const received = receiver.log.all(/^R \/(\d+) /);
    assert.equal(received.length + Number(dropped), 400);
    assert.equal(vassal.log.all(complaint).length, 1);
  },
);

test('a stop in order writes every line that was taken', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const { vassal, port } = await startInstance(rig, ['req-logger = file:requests', 'log-format = R %(uri)']);
  await using client = await HttpClient.connect(port);
  const count = 500;
  client.send(Array.from({ length: count }, (_, i) => `GET /${i} HTTP/1.1\r\nHost: a\r\n\r\n`).join(''));
  for (let i = 0; i < count; i++) await client.answer();
  await vassal.stop('SIGTERM');
  assert.deepEqual(
    linesOf(rig.path('requests')),
    Array.from({ length: count }, (_, i) => `R /${i}`),
  );
});

test(
  'log-maxsize moves the file away with the note of the real uWSGI, and goes on in a new one',
  oursOnly,
  async (t) => {
    await using rig = Rig.open(t);
    const { port } = await startInstance(rig, ['req-logger = file:requests', 'log-maxsize = 2000']);
    const rotated = (): string[] => readdirSync(rig.directory).filter((name) => /^requests\.\d+$/.test(name));
    await until('the log is rotated', async () => {
      await ask(port, 'GET /');
      return rotated().length > 0;
    });
    const [old = ''] = rotated();
    assert.match(
      linesOf(rig.path(old)).at(-1) ?? '',
      /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d [\d:]{8} \d{4} - logsize: \d+, triggering rotation to .*requests\.\d+\.\.\.$/,
    );
  },
);

test('rsyslog and UDP targets get the datagrams of the real uWSGI', besideUwsgi, async (t) => {
  await using rig = Rig.open(t);
  const sockets = [createSocket('udp4'), createSocket('udp4')];
  const [lines, requests] = sockets.map(() => [] as string[]);
  try {
    const ports: number[] = [];
    for (const [index, socket] of sockets.entries()) {
      socket.on('message', (message) => (index === 0 ? lines : requests)?.push(message.toString('latin1')));
      socket.bind(0, '127.0.0.1');
      await once(socket, 'listening');
      ports.push(socket.address().port);
    }
    const pair = await startBoth(
      rig,
      [
        ...SAYING,
        `logger = rsyslog:127.0.0.1:${ports[0]},my-app`,
        `req-logger = socket:127.0.0.1:${ports[1]}`,
        'log-format = R %(method) %(uri)',
      ],
      'told',
      'answer',
    );
    const seen: string[][] = [];
    for (const { port } of [pair.ours, pair.theirs]) {
      const marks = [lines?.length ?? 0, requests?.length ?? 0];
      await ask(port, 'GET /say');
      await until(
        'both have come',
        () =>
          lines?.slice(marks[0]).some((line) => line.includes('said')) === true &&
          requests?.slice(marks[1]).some((line) => line.includes('/say')) === true,
      );
      const mine = [...(lines?.slice(marks[0]) ?? []), ...(requests?.slice(marks[1]) ?? [])];
      seen.push(
        mine
          .filter((line) => /said|\/say/.test(line))
          .map((line) => line.replace(/[A-Z][a-z]{2} [ \d]\d [\d:]{8}/, 'DATE')),
      );
    }
    assert.deepEqual(seen[0], seen[1]);
  } finally {
    for (const socket of sockets) socket.close();
  }
});

test('a log that there is not, or that cannot be opened, ends the start, and names its line', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  for (const [line, words] of [
    ['logger = redislog:127.0.0.1', /cannot log to "redislog:127\.0\.0\.1": lines are not written to databases/],
    ['req-logger = file:/proc/nowhere/x.log', /cannot open the log file \/proc\/nowhere\/x\.log: ENOENT/],
    ['log-encoder = nosuch x', /cannot use the log encoder "nosuch x": there are prefix, /],
  ] as const) {
    rig.write('uwsgi.ini', `[uwsgi]\nmaster = true\nhttp-socket = 127.0.0.1:0\nprocesses = 0\n${line}\n`);
    const vassal = await rig.vassal(['uwsgi.ini']);
    assert.equal((await vassal.waitForExit()).code, 1, line);
    const [complaint = ''] = vassal.log.find(/^.*uwsgi\.ini:5: error: .*$/) ?? [];
    assert.match(complaint, words);
  }
});
