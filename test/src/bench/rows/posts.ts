import { loadColumns, loadRound } from '../app-load.ts';
import { appServers } from '../contestants.ts';
import type { Row } from '../row.ts';
import { postScript } from '../wrk-scripts.ts';

/** An app that reads the body and sends it back. */
function postOf(bytes: number, size: string, connections: number): Row {
  return {
    name: `post-${size}`,
    title: `POST of ${size.toUpperCase()}, sent back by the app, ${connections} connections`,
    contestants: appServers({ module: 'echo' }),
    columns: [loadColumns.requestsPerSecond, loadColumns.cpuMicroseconds, loadColumns.loadMegabytes],
    round: (server, seconds) => loadRound(server, { connections, seconds, script: postScript(bytes) }),
  };
}

export const post1k: Row = postOf(1024, '1k', 32);
export const post1m: Row = postOf(1024 * 1024, '1m', 4);
