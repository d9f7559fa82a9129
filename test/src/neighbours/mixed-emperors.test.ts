import assert from 'node:assert/strict';
import { mkdirSync, rmSync } from 'node:fs';
import { test } from 'node:test';

import { ask } from '../rig/http-client.ts';
import { isAlive } from '../rig/processes.ts';
import type { Program } from '../rig/program.ts';
import { Rig } from '../rig/rig.ts';
import { oursOnly, skipFor, realUwsgiEnvironment, subject } from '../rig/subject.ts';
import { until } from '../rig/until.ts';
import { needs } from '../run/parts.ts';
import { layOutProject, listing, welcomePage } from '../tutorial/project.ts';

const options = skipFor(needs('uwsgi'), oursOnly);

/** A site in `www/site`, and the file that makes it a vassal, which is not there yet. */
async function layOutSite(rig: Rig): Promise<{ port: number; drop: () => void; file: string }> {
  layOutProject(rig, 'www/site');
  const port = await rig.port();
  const ini = listing('scaling-http', { 8000: port }).replace('master = true\n', 'master = true\nchdir = %d\n');
  return { port, drop: () => void rig.write('www/site/uwsgi.ini', ini), file: rig.path('www/site/uwsgi.ini') };
}

async function untilServed(port: number): Promise<void> {
  await until('the page is served', async () =>
    (await ask(port, 'GET /').catch(() => undefined))?.body.equals(welcomePage),
  );
}

function vassalPid(emperor: Program): number | undefined {
  return emperor.tree().find((entry) => entry.pid !== emperor.pid && entry.commandLine.endsWith('site/uwsgi.ini'))?.pid;
}

/** What an emperor does with a vassal in the vassal's life, whoever made either of them. */
async function liveAndDie(
  rig: Rig,
  emperor: Program,
  site: { port: number; drop: () => void; file: string },
): Promise<void> {
  site.drop();
  await emperor.waitForLog(/\[emperor\] vassal .*site\/uwsgi\.ini has been spawned/);
  await emperor.waitForLog(/\[emperor\] vassal .*site\/uwsgi\.ini is ready to accept requests/);
  await untilServed(site.port);
  await emperor.waitForLog(/\[emperor\] vassal .*site\/uwsgi\.ini is now loyal/);

  const first = await until('the vassal runs', () => vassalPid(emperor));
  process.kill(first, 'SIGKILL');
  await until('another one runs', () => vassalPid(emperor) !== first && vassalPid(emperor) !== undefined);
  await untilServed(site.port);

  const second = await until('the vassal runs', () => vassalPid(emperor));
  rmSync(site.file);
  await until('the vassal has ended', () => !isAlive(second));
  assert.equal(emperor.exit, undefined);
  assert.equal(rig.processes().filter((entry) => entry.commandLine.includes('site/uwsgi.ini')).length, 0);
}

test('a real uWSGI is a vassal of our emperor', options, async (t) => {
  await using rig = Rig.open(t);
  mkdirSync(rig.path('www'));
  const site = await layOutSite(rig);
  const emperor = await rig.emperor(rig.path('www/*/uwsgi.ini'), ['--emperor-wrapper', '/usr/bin/uwsgi'], {
    environment: realUwsgiEnvironment,
  });
  await liveAndDie(rig, emperor, site);
});

test('our vassal is a vassal of a real uWSGI Emperor', options, async (t) => {
  await using rig = Rig.open(t);
  mkdirSync(rig.path('www'));
  const site = await layOutSite(rig);
  const [vassal = ''] = subject.vassal;
  const emperor = await rig.start(['uwsgi', '--emperor', rig.path('www/*/uwsgi.ini'), '--emperor-wrapper', vassal], {
    environment: realUwsgiEnvironment,
  });
  await liveAndDie(rig, emperor, site);
});
