import assert from 'node:assert/strict';
import { rmSync, utimesSync } from 'node:fs';
import { test } from 'node:test';

import { ask } from '../rig/http-client.ts';
import { isAlive } from '../rig/processes.ts';
import type { Program } from '../rig/program.ts';
import { Rig } from '../rig/rig.ts';
import { subject } from '../rig/subject.ts';
import { until } from '../rig/until.ts';
import { layOutProject, listing, styleSheet, welcomePage } from './project.ts';

interface Empire {
  readonly emperor: Program;
  readonly port: number;
}

/** The two listings of the section, under `vassal --master --emperor "*.ini"`. */
async function startEmpire(rig: Rig): Promise<Empire> {
  layOutProject(rig);
  const ports = { 8000: await rig.port(), 8001: await rig.port() };
  rig.write('uwsgi.ini', listing('reliability-app', ports));
  rig.write('http.ini', listing('reliability-http', ports));
  const emperor = await rig.vassal(['--master', '--emperor', '*.ini']);
  await emperor.waitForLog(/\[emperor\] vassal uwsgi\.ini is ready to accept requests/);
  await emperor.waitForLog(/\[emperor\] vassal http\.ini has been spawned/);
  await untilPage(ports[8000], welcomePage.toString('latin1'));
  return { emperor, port: ports[8000] };
}

/** Waits until the page is served; what is answered before that does not matter. */
async function untilPage(port: number, page: string): Promise<void> {
  await until('the page is served', async () => {
    const answer = await ask(port, 'GET /').catch(() => undefined);
    return answer?.body.toString('latin1') === page;
  });
}

/** The process of a vassal: the first one below the emperor that was given the file. */
function vassalPid(emperor: Program, file: string): number | undefined {
  return emperor.tree().find((entry) => entry.commandLine.endsWith(` ${file}`))?.pid;
}

async function untilServed(emperor: Program, file: string): Promise<number> {
  return await until(`${file} runs`, () => vassalPid(emperor, file));
}

test('vassal --master --emperor "*.ini" runs both instances, and they work together', async (t) => {
  await using rig = Rig.open(t);
  const { emperor, port } = await startEmpire(rig);
  assert.ok(emperor.log.find(/\*\*\* starting uWSGI Emperor \*\*\*/), emperor.log.tail());
  assert.ok(emperor.log.find(/\[emperor\] vassal uwsgi\.ini has been spawned/), emperor.log.tail());
  await emperor.waitForLog(/\[emperor\] vassal uwsgi\.ini is now loyal/);
  assert.deepEqual((await ask(port, 'GET /base.css')).body, styleSheet);
  assert.notEqual(vassalPid(emperor, 'uwsgi.ini'), vassalPid(emperor, 'http.ini'));
});

test('an emperor starts a vassal again that dies', async (t) => {
  await using rig = Rig.open(t);
  const { emperor, port } = await startEmpire(rig);
  const before = await untilServed(emperor, 'uwsgi.ini');
  const other = await untilServed(emperor, 'http.ini');
  const mark = emperor.log.mark();
  process.kill(before, 'SIGKILL');
  await emperor.waitForLog(/\[emperor\] vassal uwsgi\.ini has been spawned/, mark);
  await emperor.waitForLog(/\[emperor\] vassal uwsgi\.ini is ready to accept requests/, mark);
  assert.notEqual(await untilServed(emperor, 'uwsgi.ini'), before);
  assert.equal(vassalPid(emperor, 'http.ini'), other, 'the other vassal does not notice');
  // The real router holds its backend for dead for 30 seconds (UWSGI-FACTS 5.4).
  if (!subject.isUwsgi) await untilPage(port, welcomePage.toString('latin1'));
});

test('an emperor stops a vassal whose file goes away, and starts it when the file is back', async (t) => {
  await using rig = Rig.open(t);
  const { emperor, port } = await startEmpire(rig);
  const pid = await untilServed(emperor, 'http.ini');
  rmSync(rig.path('http.ini'));
  await until('http.ini has ended', () => !isAlive(pid));
  await until('its port is free', () =>
    ask(port, 'GET /').then(
      () => false,
      () => true,
    ),
  );
  const ports = {
    8000: port,
    8001: Number(/127\.0\.0\.1:(\d+) fd/.exec(emperor.log.find(/^.*bound to TCP address.*$/)?.[0] ?? '')?.[1]),
  };
  rig.write('http.ini', listing('reliability-http', ports));
  await untilPage(port, welcomePage.toString('latin1'));
});

test('an emperor reloads a vassal whose file changes', async (t) => {
  await using rig = Rig.open(t);
  const { emperor, port } = await startEmpire(rig);
  const mark = emperor.log.mark();
  rig.write(
    'code/app.py',
    "def application(environ, start_response):\n    start_response('200 OK', [('Content-Type', 'text/plain')])\n    return [b'new']\n",
  );
  // uWSGI looks at whole seconds.
  const later = new Date(Date.now() + 2000);
  utimesSync(rig.path('uwsgi.ini'), later, later);
  await emperor.waitForLog(/\[emperor\] reload the uwsgi instance uwsgi\.ini/, mark);
  await untilPage(port, 'new');
});

test('an emperor that is told to stop ends every vassal, and leaves nothing', async (t) => {
  await using rig = Rig.open(t);
  const { emperor } = await startEmpire(rig);
  assert.deepEqual(await emperor.stop('SIGINT'), { code: 0, signal: null });
  assert.deepEqual(rig.processes(), []);
});
