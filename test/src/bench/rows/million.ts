import { setTimeout as pause } from 'node:timers/promises';

import { figure, goal } from '../asks.ts';
import { loadColumns, megabytesOf, memoryAtRest } from '../app-load.ts';
import { tutorialApp } from '../contestants.ts';
import type { Figures, Row, Server } from '../row.ts';
import { wrk } from '../wrk.ts';

const REQUESTS = 1_000_000;
/** Of load at a time, until there have been enough. */
const STRETCH_SECONDS = 5;

async function round(server: Server, seconds: number): Promise<Figures> {
  let requests = 0;
  while (requests < REQUESTS) requests += (await wrk(server, { connections: 32, seconds: STRETCH_SECONDS })).requests;
  const loadMegabytes = megabytesOf(server);
  await pause(seconds * 1000);
  return { requests, loadMegabytes, laterMegabytes: megabytesOf(server) };
}

/** DESIGN 6: memory. Beside uWSGI alone, since a million requests take it more than a minute. */
export const million: Row = {
  name: 'million',
  title: 'private memory after a million requests, the tutorial’s app, 2 processes, 32 keep-alive connections',
  contestants: tutorialApp.filter(({ name }) => name !== 'gunicorn'),
  columns: [
    { key: 'requests', title: 'requests', better: 'higher', decimals: 0, asks: [figure(REQUESTS)] },
    { ...loadColumns.restMegabytes, asks: [figure(30)] },
    { ...loadColumns.loadMegabytes, title: 'right after them', asks: [figure(40), goal(figure(30))] },
    { ...loadColumns.loadMegabytes, key: 'laterMegabytes', title: 'a little later' },
  ],
  isCold: true,
  mostRounds: 1,
  atRest: memoryAtRest,
  round,
};
