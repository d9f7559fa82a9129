import { loadColumns, loadRound } from '../app-load.ts';
import { tutorialApp } from '../contestants.ts';
import type { Row } from '../row.ts';

/** The tutorial's app with so many connections that are kept open. */
function withConnections(connections: number): Row {
  return {
    name: `app-${connections}`,
    title: `the tutorial’s app, http-socket, 2 processes, ${connections} keep-alive connection${connections === 1 ? '' : 's'}`,
    contestants: tutorialApp,
    columns: [loadColumns.requestsPerSecond, loadColumns.cpuMicroseconds, loadColumns.p99Ms, loadColumns.loadMegabytes],
    round: (server, seconds) => loadRound(server, { connections, seconds }),
  };
}

export const app1: Row = withConnections(1);
export const app512: Row = withConnections(512);
