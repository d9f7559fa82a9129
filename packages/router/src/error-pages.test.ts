import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

import { errorHead, type ResponseHead } from '@emperor/http';

import { createErrorPages } from './error-pages.ts';
import { FakeExchange } from './routes/fake-exchange.test-support.ts';

test('error answers of ours have the page of their status, the first that can be read', (t) => {
  const directory = mkdtempSync(path.join(tmpdir(), 'pages-'));
  t.after(() => {
    rmSync(directory, { recursive: true });
  });
  const page = path.join(directory, 'oops.html');
  const filter = createErrorPages(new Map([[500, [path.join(directory, 'none.html'), page]]]));
  const answer = (head: ResponseHead, body: string): string => {
    const exchange = new FakeExchange();
    exchange.addFilter(filter);
    exchange.respond(head, Buffer.from(body));
    return `${exchange.head}\n${exchange.text}`;
  };
  const plain = '500 Internal Server Error\nConnection: close\nContent-Type: text/plain\n\nInternal Server Error';
  assert.equal(answer(errorHead(500), 'Internal Server Error'), plain);
  writeFileSync(page, '<p>oops</p>');
  assert.equal(answer(errorHead(500), 'Internal Server Error'), plain.replace(/plain\n\n.*/s, 'html\n\n<p>oops</p>'));
  assert.match(answer(errorHead(404), 'Not Found'), /text\/plain\n\nNot Found$/);
  const headers = ['Content-Type', 'text/plain'];
  assert.match(answer({ status: 500, reason: 'Oh', headers }, 'of the app'), /^500 Oh\n[\s\S]*\n\nof the app$/);
});
