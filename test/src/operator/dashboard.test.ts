import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { BrowserTab, browserNeeded } from '../rig/browser.ts';
import { ask } from '../rig/http-client.ts';
import { Rig } from '../rig/rig.ts';
import { until } from '../rig/until.ts';
import { eventOf, startSite } from './site.ts';

/** A log line that would do harm if it were taken for markup. */
const HOSTILE = '<img src=x onerror="document.title=1">';

/** Where everything is slow, a browser is slower. */
const inBrowser = { ...browserNeeded, timeout: 150_000 };

interface Opened {
  readonly tab: BrowserTab;
  readonly port: number;
}

/** A dashboard over a site and a vassal that fails, open in a browser. */
async function openDashboard(rig: Rig): Promise<Opened> {
  rig.write('broken/uwsgi.ini', `[uwsgi]\nhttp-socket = 127.0.0.1:0\nneed-app = true\nmodule = broken\nchdir = %d\n`);
  rig.write('broken/broken.py', `raise RuntimeError('${HOSTILE}')\n`);
  const { emperor, port } = await startSite(rig, '--admin', '127.0.0.1:0', '--dashboard', '--admin-writes');
  const { url } = await eventOf(emperor, 'admin-listening');
  const token = readFileSync(rig.path('run/admin.token'), 'utf8').trim();
  const tab = await BrowserTab.open(rig);
  await tab.visit(`${String(url)}/login?token=${token}`);
  return { tab, port };
}

function untilTrue(tab: BrowserTab, what: string, expression: string): Promise<unknown> {
  return until(what, async () => (await tab.evaluate(expression)) === true);
}

test(
  'the dashboard lists every vassal, the unwell first with its reason, and takes no log line for markup',
  inBrowser,
  async (t) => {
    await using rig = Rig.open(t, { mayLeave: /org\.chromium\./ });
    const { tab } = await openDashboard(rig);
    await using _tab = tab;
    await untilTrue(tab, 'both vassals are listed', `document.querySelectorAll('.vassals tbody tr').length === 2`);
    await untilTrue(
      tab,
      'the broken one is first, with its error',
      `document.querySelector('.vassals tbody tr').textContent.includes("RuntimeError")`,
    );
    assert.equal(await tab.evaluate('document.title'), 'Emperor');
    assert.equal(await tab.evaluate(`document.querySelectorAll('main img').length`), 0);
    await untilTrue(
      tab,
      'the summary counts',
      `/^2 vassals, 1 unwell/.test(document.getElementById('summary').textContent)`,
    );
  },
);

test('the dashboard shows one vassal with plots, events and configuration, and reloads it', inBrowser, async (t) => {
  await using rig = Rig.open(t, { mayLeave: /org\.chromium\./ });
  const { tab, port } = await openDashboard(rig);
  await using _tab = tab;
  await ask(port, 'GET /');
  // By keyboard alone: the second vassal of the list.
  await untilTrue(tab, 'both vassals are listed', `document.querySelectorAll('.vassals tbody tr').length === 2`);
  await tab.press('j');
  await tab.press('j');
  await tab.press('Enter');
  await untilTrue(tab, 'the page of the vassal', `document.querySelector('h1')?.textContent === 'project/uwsgi.ini'`);
  await untilTrue(tab, 'the plots', `document.querySelectorAll('.plot canvas').length === 3`);
  await untilTrue(tab, 'the configuration', `/processes = 2/.test(document.querySelector('.config')?.textContent)`);
  await untilTrue(tab, 'the processes', `/worker 2/.test(document.body.textContent)`);
  await tab.evaluate(`document.querySelector('.actions button').click()`);
  await untilTrue(
    tab,
    'the outcome of the reload',
    `/has reloaded in \\d+ ms, 0 requests failed/.test(document.body.textContent)`,
  );
  await untilTrue(tab, 'the event of it', `/reloaded by operator, \\d+ ms, 0 failed/.test(document.body.textContent)`);
  await tab.press('Escape');
  await untilTrue(tab, 'the list again', `document.querySelector('.vassals') !== null`);
});

test('the dashboard fits a phone, in the dark', inBrowser, async (t) => {
  await using rig = Rig.open(t, { mayLeave: /org\.chromium\./ });
  const { tab } = await openDashboard(rig);
  await using _tab = tab;
  await tab.pretend({ width: 390, height: 800, dark: true });
  await untilTrue(tab, 'both vassals are listed', `document.querySelectorAll('.vassals tbody tr').length === 2`);
  await untilTrue(tab, 'nothing sticks out', `document.documentElement.scrollWidth <= 390`);
  assert.equal(await tab.evaluate(`getComputedStyle(document.documentElement).backgroundColor`), 'rgb(19, 19, 25)');
});
