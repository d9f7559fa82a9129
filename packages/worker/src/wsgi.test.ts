import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { AppServerRig } from './testing/app-server-rig.ts';
import { FakeBody, type FakeExchange } from './testing/fake-exchange.ts';

const FIXTURE = fileURLToPath(new URL('../fixtures/wsgi_samples.py', import.meta.url));
const SERVER_ERROR = {
  status: 500,
  reason: 'Internal Server Error',
  headers: ['Connection', 'close', 'Content-Type', 'text/plain'],
};

let rig: AppServerRig;

before(async () => {
  rig = await AppServerRig.started('wsgi_samples');
});

after(() => rig[Symbol.asyncDispose]());

/** Asks for an app of the fixture; the worker must still be the first one afterwards. */
async function get(name: string, variables: Record<string, string> = {}): Promise<FakeExchange> {
  const exchange = await rig.get({ PATH_INFO: `/${name}`, ...variables });
  assert.equal(rig.server.workers[0]?.respawnCount, 1);
  return exchange;
}

/** Apps that fail before any output: 500, and the traceback or a sentence in the log. */
const failures: Record<string, RegExp> = {
  raises_before_start: /Traceback[^]*RuntimeError: before start/,
  raises_after_start: /RuntimeError: after start/,
  raises_before_first_item: /RuntimeError: first item/,
  returns_none: /TypeError: 'NoneType' object is not iterable/,
  yields_str: /TypeError: the app produced str in its body where bytes are needed: 'text'/,
  never_starts: /AssertionError: the app produced a body before it called start_response/,
  never_starts_empty: /AssertionError: the app did not call start_response/,
  header_injection: /ValueError: a header value with a line break or NUL: 'a\\r\\nSet-Cookie: b=c'/,
  header_not_str: /TypeError: a header value must be a str: 1/,
  header_name_with_colon: /ValueError: not a header name: 'X-A: b'/,
  header_not_latin1: /UnicodeEncodeError/,
  bad_status: /ValueError: not a status such as "200 OK": 'OK'/,
  calls_exit: /SystemExit: 3/,
};

for (const [name, logged] of Object.entries(failures)) {
  test(`an app that ${name.replaceAll('_', ' ')} gets a 500 and a line in the log`, async () => {
    const { head, text, abortReason, record } = await get(name);
    assert.deepEqual(head, SERVER_ERROR);
    assert.equal(text, 'Internal Server Error');
    assert.equal(abortReason, undefined);
    assert.equal(record.app, 0);
    assert.match(rig.output, logged);
    assert.doesNotMatch(rig.output, /emperor_worker/, 'no frame of the bridge in a traceback');
  });
}

test('catch-exceptions sends the traceback to the client', async () => {
  await using shown = await AppServerRig.started('wsgi_samples', { app: { catchExceptions: true } });
  const { head, text } = await shown.get('/raises_before_start');
  assert.deepEqual(head, SERVER_ERROR);
  assert.match(text, /^Traceback [^]*in raises_before_start\n[^]*RuntimeError: before start\n$/);
});

test('an app that raises in mid-body has its answer cut and its iterable closed', async () => {
  const { text, abortReason } = await get('raises_in_mid_body');
  assert.equal(text, 'first');
  assert.equal(abortReason, 'the app failed in mid-body');
  assert.match(rig.output, /RuntimeError: mid body/);
  assert.match((await get('closes_what_was_closed')).text, /mid/);
});

test('start_response without a reason gets the usual one', async () => {
  assert.deepEqual((await get('status_without_reason')).head, { status: 404, reason: 'Not Found', headers: [] });
});

test('headers are latin-1 both ways', async () => {
  const exchange = await get('latin1_header', { HTTP_X_NAME: 'caf\xe9' });
  assert.equal(exchange.head?.headers[3], 'caf\xe9');
  assert.equal(exchange.text, 'caf\xe9');
});

test('start_response called again before output replaces the head', async () => {
  assert.deepEqual((await get('starts_twice')).head, { status: 200, reason: 'OK', headers: ['X-Second', 'yes'] });
});

test('start_response with exc_info replaces the head before output', async () => {
  const { head, text } = await get('replaces_head_with_exc_info');
  assert.deepEqual(head, { status: 503, reason: 'Busy', headers: ['X-Error', 'yes'] });
  assert.equal(text, 'sorry');
});

test('start_response with exc_info after output raises what it was given', async () => {
  const { head, text, abortReason } = await get('exc_info_after_output');
  assert.equal(head?.status, 200);
  assert.equal(text, 'some');
  assert.equal(abortReason, 'the app failed in mid-body');
  assert.match(rig.output, /RuntimeError: too late to say sorry/);
});

test('write() and the iterable make one body', async () => {
  const { text, record } = await get('uses_write');
  assert.equal(text, 'one two three');
  assert.equal(record.switches, 1);
});

test('empty items are counted and skipped', async () => {
  const { text, record } = await get('empty_items');
  assert.equal(text, 'ab');
  assert.equal(record.switches, 5);
});

test('an empty iterable is an empty answer', async () => {
  const { head, text, record } = await get('no_items');
  assert.equal(head?.status, 200);
  assert.equal(text, '');
  assert.equal(record.switches, 0);
});

test('bytes as the iterable are sent whole', async () => {
  assert.equal((await get('bytes_as_body')).text, 'abc');
});

test('bytearray and memoryview items are taken', async () => {
  assert.equal((await get('bytearray_items')).text, 'abcdef');
});

test('an error in close() is logged and spoils nothing', async () => {
  const { text, abortReason } = await get('close_raises');
  assert.equal(text, 'x');
  assert.equal(abortReason, undefined);
  assert.match(rig.output, /RuntimeError: in close/);
});

test('wsgi.errors is the log', async () => {
  await get('writes_errors');
  assert.match(rig.output, /a line in the log\n/);
});

test('wsgi.file_wrapper sends a file', async () => {
  assert.equal((await get('file_wrapper')).text, readFileSync(FIXTURE, 'latin1'));
});

test('uwsgi.set_logvar reaches the record of the exchange', async () => {
  assert.deepEqual((await get('sets_logvar')).record.logVariables, new Map([['user', 'fred']]));
});

test('the environ has the variables in order, then what PEP 3333 and uWSGI add', async () => {
  const { text } = await get('shows_environ', { HTTP_X: '' });
  const environ = new Map(text.split('\n').map((line) => line.split(/=(.*)/, 2) as [string, string]));
  assert.equal(environ.get('wsgi.version'), '(1, 0)');
  assert.equal(environ.get('wsgi.url_scheme'), "'http'");
  assert.equal(environ.get('wsgi.multithread'), 'False');
  assert.equal(environ.get('wsgi.multiprocess'), 'False');
  assert.equal(environ.get('wsgi.run_once'), 'False');
  assert.equal(environ.get('uwsgi.version'), "b'2.1.0-test'");
  assert.equal(environ.get('uwsgi.node'), "b'testhost'");
  assert.equal(environ.get('HTTP_X'), "''");
  assert.equal(environ.has('uwsgi.core'), false);
  assert.deepEqual([...environ.keys()].slice(0, 5), [
    'REQUEST_METHOD',
    'REQUEST_URI',
    'PATH_INFO',
    'QUERY_STRING',
    'HTTP_X',
  ]);
});

test('wsgi.url_scheme follows HTTPS and UWSGI_SCHEME', async () => {
  assert.match((await get('shows_environ', { HTTPS: 'on' })).text, /wsgi\.url_scheme='https'/);
  assert.match((await get('shows_environ', { UWSGI_SCHEME: 'https' })).text, /wsgi\.url_scheme='https'/);
});

test('wsgi.input_terminated is set for a chunked body, whose length nobody knows', async () => {
  const chunked = { PATH_INFO: '/shows_environ', HTTP_TRANSFER_ENCODING: 'chunked' };
  for (const body of [new FakeBody(undefined), 'body'])
    assert.match((await rig.get(chunked, body)).text, /wsgi\.input_terminated=True/);
  assert.doesNotMatch((await rig.get('/shows_environ', 'body')).text, /input_terminated/);
});

test('wsgiref.validate has nothing to say', async () => {
  await using validated = await AppServerRig.started('validated');
  const variables = {
    REQUEST_METHOD: 'POST',
    SCRIPT_NAME: '',
    SERVER_NAME: 'x',
    SERVER_PORT: '80',
    CONTENT_LENGTH: '3',
  };
  assert.equal((await validated.get(variables, 'abc')).text, 'written read abc', validated.output);
  const body = new FakeBody(undefined, 3);
  body.onReceive = () => {
    body.receiver?.onBodyData(Buffer.from('abc'));
    body.receiver?.onBodyEnd();
  };
  assert.equal((await validated.get(variables, body)).text, 'written read abc', validated.output);
  assert.equal(validated.output, '');
});
