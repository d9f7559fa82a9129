import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';

import { ask } from '../rig/http-client.ts';
import type { Program } from '../rig/program.ts';
import type { Rig } from '../rig/rig.ts';
import { repository } from '../rig/subject.ts';
import { layOutProject } from '../tutorial/project.ts';

/** The command under test. */
export const emperorCommand: string = `${repository}apps/emperor/bin/emperor`;

/** An emperor over one site of the tutorial. */
export interface Site {
  readonly emperor: Program;
  /** Where the app answers. */
  readonly port: number;
  /** Where its stats server answers. */
  readonly statsPort: number;
  readonly metricsUrl: string;
}

/** Starts an emperor over `project/uwsgi.ini`, with `run/` as its runtime directory; it has served one request when it returns. */
export async function startSite(rig: Rig, ...options: readonly string[]): Promise<Site> {
  mkdirSync(rig.path('project'));
  layOutProject(rig, 'project');
  const port = await rig.port();
  const statsPort = await rig.port();
  rig.write(
    'project/uwsgi.ini',
    `[uwsgi]
chdir = %d
master = true
http-socket = 127.0.0.1:${port}
stats = 127.0.0.1:${statsPort}
processes = 2
pythonpath = code/
module = app
check-static = static/
reload-on-rss = 512
`,
  );
  const emperor = await rig.start([
    emperorCommand,
    '--glob',
    '*/uwsgi.ini',
    '--metrics',
    '127.0.0.1:0',
    '--runtime-dir',
    'run',
    ...options,
  ]);
  const { url } = await eventOf(emperor, 'metrics-listening');
  await eventOf(emperor, 'vassal-ready');
  assert.equal((await ask(port, 'GET /')).status, 200);
  return { emperor, port, statsPort, metricsUrl: String(url) };
}

/** The first such event in the log of an emperor. */
export async function eventOf(emperor: Program, event: string): Promise<Readonly<Record<string, unknown>>> {
  const line = await emperor.waitForLog(new RegExp(`^\\{.*"event":"${event}".*\\}$`));
  return JSON.parse(line[0]) as Readonly<Record<string, unknown>>;
}
