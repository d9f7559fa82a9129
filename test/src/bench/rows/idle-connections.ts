import { setTimeout as pause } from 'node:timers/promises';

import { ask } from '../../rig/http-client.ts';
import { cpuMsOfTree, privateBytesOfTree } from '../../rig/processes.ts';
import { loadColumns, memoryAtRest } from '../app-load.ts';
import { patientServers } from '../patient-contestants.ts';
import type { Figures, Row, Server } from '../row.ts';
import { IdleClients } from '../idle-clients.ts';
import { wrk } from '../wrk.ts';

const CLIENTS = 10_000;
const MEGABYTE = 2 ** 20;

const columns = [
  loadColumns.restMegabytes,
  { key: 'clientsMegabytes', title: 'with clients', better: 'lower', decimals: 1 },
  { key: 'idleCpu', title: '% CPU idle', better: 'lower', decimals: 1 },
  { key: 'drippingCpu', title: '% CPU dripping', better: 'lower', decimals: 1 },
  { key: 'besideMs', title: 'answer beside ms', better: 'lower', decimals: 1 },
  { key: 'stayed', title: 'stayed', better: 'higher', decimals: 0 },
  { ...loadColumns.loadMegabytes, title: 'after requests' },
] as const;

export const idleConnections: Row = {
  name: 'connections',
  title: `${CLIENTS} clients that send nothing, then a byte a second; then requests on new connections`,
  contestants: patientServers,
  columns,
  mostRounds: 1,
  atRest: memoryAtRest,
  round: async (server, seconds) => ({
    ...(await slowRound(server, seconds)),
    ...(await requestsRound(server, seconds)),
  }),
};

async function slowRound(server: Server, seconds: number): Promise<Figures> {
  const { pid } = server.program;
  await using clients = await IdleClients.connect(server.port, CLIENTS);
  const idleCpu = await cpuShare(pid, () => pause(seconds * 1000));
  const drippingCpu = await cpuShare(pid, async () => {
    for (let second = 0; second < seconds; second++) {
      clients.drip();
      await pause(1000);
    }
  });
  const clientsMegabytes = privateBytesOfTree(pid) / MEGABYTE;
  clients.drip();
  const askedAtMs = performance.now();
  await ask(server.port, 'GET /');
  const besideMs = performance.now() - askedAtMs;
  return { clientsMegabytes, idleCpu, drippingCpu, besideMs, stayed: clients.open };
}

async function requestsRound(server: Server, seconds: number): Promise<Figures> {
  await wrk(server, { connections: 32, seconds, headers: { Connection: 'close' } });
  return { loadMegabytes: privateBytesOfTree(server.program.pid) / MEGABYTE };
}

/** Percent of one core. */
async function cpuShare(pid: number, work: () => Promise<void>): Promise<number> {
  const startedAtMs = performance.now();
  const before = cpuMsOfTree(pid);
  await work();
  return ((cpuMsOfTree(pid) - before) / (performance.now() - startedAtMs)) * 100;
}
