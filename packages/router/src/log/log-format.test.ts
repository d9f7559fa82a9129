import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FakeExchange } from '../routes/fake-exchange.test-support.ts';
import { compileLogFormat, type LogFormatOptions } from './log-format.ts';

function exchangeOf(variables: Record<string, string> = {}): FakeExchange {
  const exchange = new FakeExchange({ uri: '/user?a=b', variables });
  exchange.record.pid = 14786;
  exchange.record.workerId = 1;
  exchange.record.switches = 1;
  exchange.respond(
    { status: 200, reason: 'OK', headers: ['Content-Type', 'text/html', 'X-App', '1'] },
    Buffer.alloc(11),
  );
  return exchange;
}

function format(text: string, options?: LogFormatOptions, variables?: Record<string, string>): string {
  const exchange = exchangeOf(variables);
  exchange.record.logVariables = new Map([['foo', 'bar baz']]);
  return compileLogFormat(text, options)(exchange, 1, exchange.startedAtMs + 0.5482);
}

const REQUEST = { HTTP_HOST: 'ex.org', HTTP_USER_AGENT: 'ua "q" x', HTTP_REFERER: 'http://r/' };

for (const [name, value] of Object.entries({
  uri: '/user?a=b',
  method: 'GET',
  user: '-',
  addr: '127.0.0.1',
  host: 'ex.org',
  proto: 'HTTP/1.1',
  uagent: 'ua "q" x',
  referer: 'http://r/',
  status: '200',
  rsize: '11',
  hsize: '54',
  size: '65',
  cl: '0',
  micros: '548',
  msecs: '0',
  secs: '0.000548',
  pid: '14786',
  wid: '1',
  switches: '1',
  core: '0',
  modifier1: '0',
  modifier2: '0',
  headers: '2',
  werr: '0',
  rerr: '0',
  ioerr: '0',
  vsz: '0',
  rss: '0',
  vszM: '0',
  rssM: '0',
  foo: 'bar baz',
  nope: '-',
  'var.HTTP_HOST': 'ex.org',
  'var.NOPE': '-',
  'metric.nope': '0',
})) {
  test(`%(${name}) of a log format is what uWSGI writes`, () => {
    assert.equal(format(`[%(${name})]`, undefined, REQUEST), `[${value}]`);
  });
}

test('%(host) of a log format is the server name where the client sent no host', () => {
  assert.equal(format('%(host)'), 'vm');
});

test('dates of a log format are those of the start of the request', () => {
  const before = Math.floor(Date.now() / 1000);
  const [time = '', milliseconds = '', microseconds = '', epoch = ''] = format(
    '%(time) %(tmsecs) %(tmicros) %(epoch)',
  ).split(' ');
  for (const text of [time, epoch]) assert.ok(Math.abs(Number(text) - before) <= 1, text);
  assert.ok(Math.abs(Number(milliseconds) / 1000 - before) <= 1.5, milliseconds);
  assert.ok(Math.abs(Number(microseconds) / 1e6 - before) <= 1.5, microseconds);
  assert.match(format('%(ltime)'), /^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}$/);
  assert.match(format('%(ctime)'), /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}$/);
  assert.equal(format('%(ftime)', { logdate: '%Y!', 'log-format-strftime': true }), `${new Date().getFullYear()}!`);
  assert.equal(format('%(ftime)', { logdate: '%Y!' }), format('%(ltime)'));
});

test('a log format keeps what is not a variable', () => {
  assert.equal(format('100% %x %(unclosed'), '100% %x %(unclosed');
});

test('a log format that is a JSON object gets its values escaped', () => {
  const line = format('{"agent":"%(uagent)","msecs":%(msecs)}', undefined, { HTTP_USER_AGENT: 'a "q" \\b' });
  assert.deepEqual(JSON.parse(line), { agent: 'a "q" \\b', msecs: 0 });
});

test('memory in a log format is that of the process that made the answer, where memory-report is set', () => {
  const measureMemory = (pid: number): { rss: number; vsz: number } => ({ rss: pid, vsz: 5 * 1_048_576 + 1 });
  const text = '%(rss) %(vsz) %(rssM) %(vszM)';
  assert.equal(format(text, { 'memory-report': true, measureMemory }), '14786 5242881 0 5');
  assert.equal(format(text, { measureMemory }), '0 0 0 0');
});

test('a metric of a log format is asked for by name', () => {
  assert.equal(format('%(metric.worker.0.requests)', { metric: (name) => name.length }), '17');
});
