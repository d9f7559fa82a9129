import { loadColumns, loadRound } from '../app-load.ts';
import { tutorialApp } from '../contestants.ts';
import { behindNginx } from '../front-contestants.ts';
import type { Row } from '../row.ts';
import { pipelineScript } from '../wrk-scripts.ts';

const DEPTH = 8;

/** Only servers that keep connections open can be sent requests in advance: uWSGI needs an nginx for that. */
export const appPipelined: Row = {
  name: 'app-pipelined',
  title: `the tutorial’s app, 8 connections with ${DEPTH} requests in flight each`,
  contestants: [...tutorialApp.filter(({ name }) => name === 'ours'), behindNginx('uWSGI', 'unix')],
  columns: [loadColumns.requestsPerSecond, loadColumns.cpuMicroseconds],
  round: (server, seconds) => loadRound(server, { connections: 8, seconds, script: pipelineScript(DEPTH) }),
};
