import { loadColumns, loadRound } from '../app-load.ts';
import { appServers } from '../contestants.ts';
import type { Row } from '../row.ts';

function pageOf(framework: 'flask' | 'django'): Row {
  return {
    name: framework,
    title: `a first page of ${framework === 'flask' ? 'Flask' : 'Django'}, 2 processes, 32 connections`,
    contestants: appServers({ module: `${framework}_hello`, needs: [framework] }),
    columns: [loadColumns.requestsPerSecond, loadColumns.cpuMicroseconds, loadColumns.loadMegabytes],
    round: (server, seconds) => loadRound(server, { connections: 32, seconds, headers: { Host: 'localhost' } }),
  };
}

export const flask: Row = pageOf('flask');
export const django: Row = pageOf('django');
