import { figure, timesBest } from '../asks.ts';
import { setTimeout as pause } from 'node:timers/promises';

import { ask } from '../../rig/http-client.ts';
import { until } from '../../rig/until.ts';
import { plainApp } from '../plain-app.ts';
import type { Row } from '../row.ts';

const IMPORT_SECONDS = 3;
/** Long enough that no server takes the next death for one of a series. */
const REST_MS = 2500;

export const killedWorker: Row = {
  name: 'killed-worker',
  title: `the only worker of an app that takes ${IMPORT_SECONDS} s to import is killed: until another one answers`,
  contestants: plainApp({ processes: 1, importSeconds: IMPORT_SECONDS }),
  columns: [
    {
      key: 'replacedMs',
      title: 'ms until served again',
      better: 'lower',
      decimals: 0,
      asks: [figure(50), timesBest(1)],
    },
  ],
  isCold: true,
  round: async ({ port }) => {
    await pause(REST_MS);
    const victim = Number((await ask(port, 'GET /')).body.toString());
    const killedAt = performance.now();
    process.kill(victim, 'SIGKILL');
    await until('another one answers', async () => {
      const pid = (await ask(port, 'GET /').catch(() => undefined))?.body.toString();
      return pid !== undefined && /^\d+$/.test(pid) && Number(pid) !== victim;
    });
    return { replacedMs: performance.now() - killedAt };
  },
};
