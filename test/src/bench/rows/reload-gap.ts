import { always, figure } from '../asks.ts';
import { setTimeout as pause } from 'node:timers/promises';

import { plainApp } from '../plain-app.ts';
import type { Row } from '../row.ts';
import { evenSchedule } from '../schedule.ts';
import { percentile } from '../../soak/percentile.ts';
import { steadyLoad } from '../steady-load.ts';

const PER_SECOND = 500;

export const reloadGap: Row = {
  name: 'reload-gap',
  title: `SIGHUP under ${PER_SECOND} requests/s with a new connection each, 2 processes`,
  contestants: plainApp({ processes: 2, withRouter: true }),
  columns: [
    { key: 'gapMs', title: 'longest gap ms', better: 'lower', decimals: 0, asks: [figure(50)] },
    { key: 'worstMs', title: 'slowest answer ms', better: 'lower', decimals: 0 },
    { key: 'failed', title: 'failed', better: 'lower', decimals: 0, asks: [always(0)] },
  ],
  round: async ({ port, program }, seconds) => {
    const load = steadyLoad(port, evenSchedule(PER_SECOND, seconds));
    await pause((seconds * 1000) / 4);
    program.signal('SIGHUP');
    const { latenciesMs, failed, longestGapMs } = await load;
    return { gapMs: longestGapMs, worstMs: percentile(latenciesMs, 1), failed };
  },
};
