import { type Court, courts } from '../courts.ts';
import type { Row } from '../row.ts';

/** One site is enough to see when the first vassal is there. */
const SITES = 1;

/** The emperor's own start: its vassal is a program that says at once that it is ready. */
export const emperorStart: Row<Court> = {
  name: 'emperor-start',
  title:
    'from exec of the emperor until its first vassal is there, and until its metrics (uWSGI: emperor-stats) accept',
  contestants: courts,
  columns: [
    { key: 'vassalMs', title: 'first vassal after ms', better: 'lower', decimals: 0 },
    { key: 'figuresMs', title: 'metrics after ms', better: 'lower', decimals: 0 },
    { key: 'megabytes', title: 'emperor, private MB', better: 'lower', decimals: 1 },
  ],
  isCold: true,
  round: async (court) => {
    court.lay(SITES, 0);
    const { ruler, allReady, figuresThere } = await court.begin();
    const [vassalMs, figuresMs] = await Promise.all([allReady(SITES), figuresThere()]);
    const megabytes = ruler.privateMegabytes;
    await ruler.program.stop();
    return { vassalMs, figuresMs, megabytes };
  },
};
