import type { Program } from '../rig/program.ts';
import type { Rig } from '../rig/rig.ts';
import { layOutProject, replaceApp } from '../tutorial/project.ts';

/** Two workers that serve one of the test apps at a port; ready when it returns. */
export async function startWsgi(
  rig: Rig,
  app: string,
  ...more: readonly string[]
): Promise<{ vassal: Program; port: number }> {
  layOutProject(rig);
  replaceApp(rig, app);
  const port = await rig.port();
  const lines = ['strict = true', 'master = true', `http-socket = 127.0.0.1:${port}`, 'processes = 2', ...more];
  rig.write('uwsgi.ini', ['[uwsgi]', ...lines, 'pythonpath = code/', 'module = app', 'need-app = true', ''].join('\n'));
  const vassal = await rig.vassal(['--ini', 'uwsgi.ini']);
  await vassal.waitForLog(/^spawned uWSGI worker 2 /);
  return { vassal, port };
}
