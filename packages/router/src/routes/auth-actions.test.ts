import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';

import { FakeExchange } from './fake-exchange.test-support.ts';
import { complaintsOf, routesOf, visit } from './route-rig.test-support.ts';

const directory = mkdtempSync(path.join(tmpdir(), 'auth-'));
after(() => {
  rmSync(directory, { recursive: true });
});

function basic(user: string, password: string): Record<string, string> {
  return { HTTP_AUTHORIZATION: `Basic ${Buffer.from(`${user}:${password}`, 'latin1').toString('base64')}` };
}

const REFUSED = '401 Authorization Required\nWWW-Authenticate: Basic realm="My Realm"\n\nUnauthorized';

test('basicauth lets in who knows the password, and tells the app and the log who that is', () => {
  const rules = ['route = ^/ basicauth:My Realm,joe:pw:x', 'route-run = addheader:X-User: ${REMOTE_USER}'];
  assert.equal(visit(rules, '/').answer, REFUSED);
  const { exchange, reachedApp } = visit(rules, '/', { variables: basic('joe', 'pw:x') });
  assert.equal(reachedApp, true);
  assert.equal(exchange.header('X-User'), 'joe');
  assert.equal(exchange.variables.get('REMOTE_USER'), 'joe');
});

test('basicauth refuses everything else', () => {
  const rules = ['route-run = basicauth:My Realm,joe:pw'];
  const answer = (authorization: string): string =>
    visit(rules, '/', { variables: { HTTP_AUTHORIZATION: authorization } }).answer;
  for (const authorization of ['', 'Basic', 'Basic ???', 'Basic am9l', 'Bearer am9lOnB3', 'Basic am9lOnB3 x']) {
    assert.equal(answer(authorization), REFUSED, authorization);
  }
  for (const [user, password] of [
    ['joe', ''],
    ['joe', 'pwx'],
    ['', 'pw'],
    ['Joe', 'pw'],
  ] as const) {
    assert.equal(visit(rules, '/', { variables: basic(user, password) }).answer, REFUSED);
  }
  assert.match(answer('basic  am9lOnB3'), /^200 /);
});

test('basicauth-next leaves a wrong password to the next rule, and asks for one where there is none', () => {
  const rules = ['route-run = basicauth-next:A,joe:pw', 'route-run = basicauth:B,jim:pw'];
  assert.match(visit(rules, '/').answer, /realm="A"/);
  assert.match(visit(rules, '/', { variables: basic('joe', 'other') }).answer, /realm="B"/);
  assert.equal(visit(rules, '/', { variables: basic('joe', 'pw') }).reachedApp, true);
  assert.equal(visit(rules, '/', { variables: basic('jim', 'pw') }).reachedApp, true);
});

test('basicauth reads htpasswd files, again when they change', () => {
  const file = path.join(directory, 'users');
  const { request } = routesOf([`route-run = basicauth:Foo,users`], { directory });
  const status = (user: string, password: string): number => {
    const exchange = new FakeExchange({ variables: basic(user, password) });
    return request?.handle(exchange) === true ? exchange.status : 200;
  };
  assert.equal(status('des', 'secret'), 401);
  writeFileSync(
    file,
    [
      '# comment',
      'des:abNANd1rDfiNc',
      'sha:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=',
      'apr:$apr1$r31.....$HqJZimcKQFAMYayBlzkrA/',
      'md5:$1$saltsalt$9xy1btjgzLYfb7hivXtC//:more',
      'bf:$2b$04$f5UlArRvPB1onFgvXKe9C.ig9P17xu.5QOH0U5PfxyJYt1zSCQ4ga',
      'plain:secret',
      'dup:x',
      'dup:abNANd1rDfiNc',
      'empty:',
    ].join('\r\n'),
  );
  for (const user of ['des', 'sha', 'md5', 'bf']) {
    assert.equal(status(user, 'secret'), 200, user);
    assert.equal(status(user, 'Secret'), 401, user);
  }
  assert.equal(status('apr', 'myPassword'), 200);
  for (const user of ['plain', 'dup', 'empty', 'none', '# comment']) assert.equal(status(user, 'secret'), 401, user);
  writeFileSync(file, 'none:abNANd1rDfiNc\n');
  assert.equal(status('des', 'secret'), 401);
  assert.equal(status('none', 'secret'), 200);
});

test('basicauth hashes slow passwords aside, where the request can wait, and then goes on', async () => {
  const file = path.join(directory, 'slow');
  writeFileSync(
    file,
    'slow:$6$saltsalt$TVLlQcbpFVof5W3Yz4DTP6gRstiNuHwwTt6GLc1E5n0U0aDehy0S5knV8wiOQSpT0Y77vwPZN.Pq.H91p5hVO1\n',
  );
  const { request } = routesOf([`route-run = basicauth:Foo,${file}`, 'route-run = addheader:X-After: yes']);
  const known = new FakeExchange({ variables: basic('slow', 'secret') });
  await new Promise<void>((resolve) => {
    assert.equal(
      request?.handle(known, () => {
        resolve();
      }),
      true,
    );
  });
  assert.equal(known.responded, false);
  known.respond({ status: 200, reason: 'OK', headers: [] }, Buffer.alloc(0));
  assert.equal(known.header('X-After'), 'yes');

  const unknown = new FakeExchange({ variables: basic('slow', 'other') });
  assert.equal(
    request?.handle(unknown, () => assert.fail('goes on')),
    true,
  );
  await unknown.whenFinished;
  assert.equal(unknown.status, 401);
});

test('basicauth is refused where it could not hold anybody back', () => {
  assert.deepEqual(
    complaintsOf('route-run = basicauth:foo', 'route-run = basicauth:A,', 'response-route-run = basicauth:A,b:c'),
    [
      'error: invalid route syntax: foo',
      'error: invalid route syntax: basicauth: needs USER:PASSWORD or a file',
      'error: the action basicauth: does nothing when there is an answer already',
    ],
  );
  assert.deepEqual(complaintsOf('route-run = basicauth:A,/nonexistent/users'), [
    'warning: basicauth: there is no file /nonexistent/users: nobody can log in until it is there',
  ]);
});

test('basicauth says once that its file cannot be read', () => {
  const log: string[] = [];
  const { request } = routesOf(['route-run = basicauth:A,/nonexistent/users'], {
    log: (line) => {
      log.push(line);
    },
  });
  for (let i = 0; i < 3; i += 1) request?.handle(new FakeExchange({ variables: basic('a', 'b') }));
  assert.equal(log.length, 1);
  assert.match(log[0] ?? '', /nobody can log in: ENOENT/);
});
