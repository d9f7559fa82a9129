import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createErrorPages } from './error-pages.ts';
import { Pipeline, type PipelineSettings } from './pipeline.ts';
import { FakeExchange } from './routes/fake-exchange.test-support.ts';

function handled(settings: Partial<PipelineSettings>): { exchange: FakeExchange; lines: string[] } {
  const lines: string[] = [];
  const exchange = new FakeExchange();
  const log = (line: string): number => lines.push(line);
  new Pipeline({ handlers: [], filters: [], headers: [], expectsApp: true, log, ...settings }).handle(exchange);
  return { exchange, lines };
}

test('a request that no handler takes is 500 where an app is missing, and the log says so', () => {
  const { exchange, lines } = handled({});
  assert.match(exchange.head, /^500 Internal Server Error\nConnection: close\n/);
  assert.equal(exchange.text, 'Internal Server Error');
  assert.deepEqual(lines, ['--- no python application found, check your startup logs for errors ---']);
});

test('a request that no handler takes is 404 where there is no app to ask, without a word in the log and with the connection kept', () => {
  const { exchange, lines } = handled({ expectsApp: false, headers: ['X-Added', 'yes'] });
  assert.equal(exchange.head, '404 Not Found\nContent-Length: 9\nContent-Type: text/plain\nX-Added: yes\n');
  assert.equal(exchange.text, 'Not Found');
  assert.deepEqual(lines, []);
});

test('error-page-404 stands in for the 404 of an instance without an app', () => {
  const { exchange } = handled({
    expectsApp: false,
    filters: [createErrorPages(new Map([[404, [import.meta.filename]]]))],
  });
  assert.match(exchange.head, /^404 Not Found\n[\s\S]*Content-Type: text\/html/);
  assert.match(exchange.text, /stands in for the 404/);
});

test('a handler that throws costs the one request, and the log has the reason', () => {
  const handler = {
    handle(): boolean {
      throw new Error('out of tea');
    },
  };
  const { exchange, lines } = handled({ handlers: [handler] });
  assert.equal(exchange.status, 500);
  assert.match(lines.join('\n'), /^internal error while answering .*out of tea/);
});
