import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FakeExchange } from '../routes/fake-exchange.test-support.ts';
import { ctime } from './ctime.ts';
import { createRequestLineFormatter } from './request-line.ts';

function dateOf(exchange: FakeExchange): string {
  return ctime(Math.floor((performance.timeOrigin + exchange.startedAtMs) / 1000));
}

test('the request line of an app is uWSGI’s, byte for byte', () => {
  const exchange = new FakeExchange();
  exchange.record.pid = 11351;
  exchange.record.app = 0;
  exchange.record.appRequests = 1;
  exchange.record.switches = 1;
  exchange.respond({ status: 200, reason: 'OK', headers: ['Content-Type', 'text/html'] }, Buffer.alloc(191));
  const line = createRequestLineFormatter()(exchange, 1, exchange.startedAtMs + 0.9);
  assert.equal(
    line,
    `[pid: 11351|app: 0|req: 1/1] 127.0.0.1 () {18 vars in 169 bytes} [${dateOf(exchange)}] GET / ` +
      '=> generated 191 bytes in 0 msecs (HTTP/1.1 200) 1 headers in 44 bytes (1 switches on core 0)',
  );
});

test('memory-report stands in front of the request line', () => {
  const exchange = new FakeExchange();
  exchange.respond({ status: 200, reason: 'OK', headers: [] }, Buffer.alloc(0));
  const line = createRequestLineFormatter({
    'memory-report': true,
    measureMemory: () => ({ rss: 11_370_496, vsz: 61_841_408 }),
  })(exchange, 1, exchange.startedAtMs);
  assert.match(line, /^\{address space usage: 61841408 bytes\/58MB\} \{rss usage: 11370496 bytes\/10MB\} \[pid: /);
});

test('the request line of a static file names how it was sent', () => {
  const exchange = new FakeExchange({ uri: '/base.css?x=1' });
  exchange.record.pid = 7;
  exchange.record.via = 'offload()';
  const headers = [
    'Content-Type',
    'text/css',
    'Content-Length',
    '78',
    'Last-Modified',
    'Sun, 22 Nov 2026 17:26:41 GMT',
  ];
  exchange.respond({ status: 200, reason: 'OK', headers }, Buffer.alloc(78));
  const line = createRequestLineFormatter()(exchange, 3, exchange.startedAtMs + 1200.4);
  assert.match(line, /^\[pid: 7\|app: -1\|req: -1\/3\] /);
  assert.ok(
    line.endsWith(
      'GET /base.css?x=1 => generated 78 bytes in 1200 msecs via offload() (HTTP/1.1 200) 3 headers in 109 bytes (0 switches on core 0)',
    ),
    line,
  );
});

test('the request line shows microseconds and the forwarded address when asked to', () => {
  const exchange = new FakeExchange({ variables: { HTTP_X_FORWARDED_FOR: '1.2.3.4, 5.6.7.8', REMOTE_USER: 'me' } });
  exchange.respond({ status: 200, reason: 'OK', headers: [] }, Buffer.alloc(0));
  const format = createRequestLineFormatter({ 'log-micros': true, 'log-x-forwarded-for': true });
  const line = format(exchange, 1, exchange.startedAtMs + 0.385);
  assert.match(line, /\] 1\.2\.3\.4, 5\.6\.7\.8 \(me\) \{/);
  assert.match(line, / in 38[45] micros /);
});

test('the request line cannot be forged by control characters in a variable', () => {
  const exchange = new FakeExchange({ uri: '/a\n[pid: 1] b\u001b[2J' });
  const line = createRequestLineFormatter()(exchange, 1, exchange.startedAtMs);
  assert.ok(line.includes('GET /a\\x0a[pid: 1] b\\x1b[2J =>'), line);
});
