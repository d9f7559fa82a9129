import { ask } from '../../rig/http-client.ts';
import { until } from '../../rig/until.ts';
import { processTree } from '../../rig/processes.ts';
import { msUntil } from '../launch.ts';
import { plainApp } from '../plain-app.ts';
import type { Figures, Row, Server } from '../row.ts';

async function answeringPid(port: number): Promise<number> {
  return Number((await ask(port, 'GET /').catch(() => undefined))?.body.toString());
}

async function round({ port, program }: Server): Promise<Figures> {
  const before = new Set(processTree(program.pid).map(({ pid }) => pid));
  const isNew = async (): Promise<boolean> => {
    const pid = await answeringPid(port);
    return !Number.isNaN(pid) && !before.has(pid);
  };
  const began = performance.now();
  program.signal('SIGHUP');
  const newMs = await msUntil('the new code answers', began, isNew);
  // One that is told to reload while it still does so, need not do it twice.
  await until('no old worker is left', () =>
    processTree(program.pid).every(({ pid }) => pid === program.pid || !before.has(pid)),
  );
  return { newMs, doneMs: performance.now() - began };
}

/** Of the whole instance, with nobody else asking: how long a deployer waits. What visitors notice is the row `reload-gap`. */
export const reload: Row = {
  name: 'reload',
  title: 'SIGHUP: until the new code answers, and until the old processes are gone, 2 processes',
  contestants: plainApp({ processes: 2 }),
  columns: [
    { key: 'newMs', title: 'new code answers after ms', better: 'lower', decimals: 0 },
    { key: 'doneMs', title: 'old one gone after ms', better: 'lower', decimals: 0 },
  ],
  isCold: true,
  round,
};
