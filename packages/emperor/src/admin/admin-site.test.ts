import assert from 'node:assert/strict';
import { request } from 'node:http';
import { afterEach, beforeEach, test } from 'node:test';

import { CURSED, WELL } from '../testing/statuses.ts';
import type { AdminApi } from './admin-api.ts';
import { AdminSite } from './admin-site.ts';
import { RecentEvents } from './recent-events.ts';
import { SiteGuard } from './site-guard.ts';

const TOKEN = 'a-token-nobody-guesses';
const AUTHORIZED = { Authorization: `Bearer ${TOKEN}` };

let site: AdminSite;
let recent: RecentEvents;
let performed: string[];

function api(): AdminApi {
  return {
    status: () => Promise.resolve({ pid: 1, since: '2026-11-22T12:00:00.000Z', vassals: [WELL, CURSED] }),
    look: (vassals) =>
      Promise.resolve({
        status: { pid: 1, since: '2026-11-22T12:00:00.000Z', vassals: [WELL, CURSED] },
        details: new Map([CURSED].filter(({ name }) => vassals.has(name)).map((each) => [each.name, each])),
      }),
    vassal: (name) => Promise.resolve(name === CURSED.name ? { status: CURSED } : undefined),
    perform: (verb, vassal) => {
      performed.push(`${verb} ${vassal}`);
      return Promise.resolve({ isDone: true, sentence: 'done', state: 'ready', lines: [] });
    },
    upgrade: () => Promise.resolve({}),
    untilReady: () => Promise.resolve({ isDone: true, sentence: 'ready', state: 'ready', lines: [] }),
    recent,
  };
}

async function open(allowsWrites: boolean): Promise<void> {
  const guard = new SiteGuard(TOKEN, allowsWrites, '127.0.0.1');
  site = await AdminSite.listen(api(), { host: '127.0.0.1', port: 0, guard, dashboard: true });
}

beforeEach(async () => {
  recent = new RecentEvents();
  performed = [];
  await open(true);
});

afterEach(() => site.close());

function statusOf(path: string, headers: Record<string, string>, method = 'GET'): Promise<number> {
  // fetch() does not let its user lie about Host and Origin.
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const asked = request(site.url + path, { method, headers, agent: false }, (response) => {
    response.resume();
    resolve(response.statusCode ?? 0);
  });
  asked.on('error', reject);
  asked.end();
  return promise;
}

test('the admin address needs the token', async () => {
  assert.equal(await statusOf('/status', {}), 401);
  assert.equal(await statusOf('/status', { Authorization: 'Bearer a-token-nobody-guessed' }), 401);
  assert.equal(await statusOf('/status', { Authorization: 'Bearer x' }), 401);
  assert.equal(await statusOf('/main.js', {}), 401);
  assert.equal(await statusOf('/status', AUTHORIZED), 200);
});

test('the login gives a browser a cookie that scripts and other sites cannot use, and only for the token', async () => {
  const wrong = await fetch(`${site.url}/login?token=guess`, { redirect: 'manual' });
  assert.equal(wrong.status, 401);
  assert.equal(wrong.headers.get('set-cookie'), null);
  const right = await fetch(`${site.url}/login?token=${TOKEN}`, { redirect: 'manual' });
  assert.equal(right.status, 303);
  const cookie = right.headers.get('set-cookie') ?? '';
  assert.match(cookie, /; HttpOnly; SameSite=Strict; Path=\/$/);
  assert.equal(await statusOf('/', { Cookie: cookie.split(';')[0] ?? '' }), 200);
});

test('the admin address refuses pages of other sites, token or not', async () => {
  const mutable = { ...AUTHORIZED };
  assert.equal(await statusOf('/status', { ...mutable, Host: 'evil.example' }), 403);
  assert.equal(await statusOf('/vassals/z.ini/stop', { ...mutable, Origin: 'http://evil.example' }, 'POST'), 403);
  assert.equal(await statusOf('/vassals/z.ini/stop', { ...mutable, 'Sec-Fetch-Site': 'cross-site' }, 'POST'), 403);
  assert.deepEqual(performed, []);
});

test('the admin address takes commands only where writes are allowed', async () => {
  assert.equal(await statusOf('/vassals/z.ini/reload', AUTHORIZED, 'POST'), 200);
  assert.deepEqual(performed, ['reload z.ini']);
  await site.close();
  await open(false);
  assert.equal(await statusOf('/vassals/z.ini/reload', AUTHORIZED, 'POST'), 403);
  assert.deepEqual(performed, ['reload z.ini']);
});

test('the dashboard comes with its scripts, and nothing leads out of its folders', async () => {
  for (const path of ['/', '/main.js', '/dashboard.css', '/uPlot.esm.js', '/uPlot.min.css', '/icon.svg']) {
    assert.equal(await statusOf(path, AUTHORIZED), 200, path);
  }
  for (const path of ['/package.json', '/../package.json', '/%2e%2e/package.json', '/.tsbuildinfo', '/main.ts']) {
    assert.equal(await statusOf(path, AUTHORIZED), 404, path);
  }
  const page = await fetch(site.url, { headers: AUTHORIZED });
  assert.match(page.headers.get('content-security-policy') ?? '', /default-src 'none'; script-src 'self'/);
});

test('the live stream tells the status at once, and events and the output of one vassal as they come', async () => {
  const response = await fetch(`${site.url}/live?vassal=z.ini`, { headers: AUTHORIZED });
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  const until = async (pattern: RegExp): Promise<void> => {
    while (!pattern.test(text)) text += (await reader.read()).value ?? assert.fail(`ended with ${text}`);
  };
  await until(/^event: status\ndata: \{"pid":1,.*"allowsWrites":true\}\n\n/);
  await until(/\n\nevent: vassal\ndata: \{"name":"z\.ini",.*"lastLines":\[.*\n\n/);
  recent.note({ type: 'vassal-output', vassal: 'other.ini', stream: 'stderr', line: 'not wanted' });
  recent.note({ type: 'vassal-output', vassal: 'z.ini', stream: 'stderr', line: '<b>\u2028 wanted' });
  recent.note({ type: 'vassal-loyal', vassal: 'other.ini', pid: 1 });
  await until(/event: happened\ndata: .*"vassal":"other\.ini".*\n\n/);
  assert.match(text, /event: output\ndata: .*"message":"<b>[^"]* wanted"/);
  assert.doesNotMatch(text, /not wanted/);
  await reader.cancel();
});
