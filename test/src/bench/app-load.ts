import { cpuMsOfTree, privateBytesOfTree } from '../rig/processes.ts';
import type { Program } from '../rig/program.ts';
import type { Column, Figures, Server } from './row.ts';
import { wrk, type WrkOptions } from './wrk.ts';

type LoadFigure = 'requestsPerSecond' | 'cpuMicroseconds' | 'p99Ms' | 'restMegabytes' | 'loadMegabytes';

/** The figures of load on a server: speed, and its price over all of its processes. */
export const loadColumns: Readonly<Record<LoadFigure, Column>> = {
  requestsPerSecond: { key: 'requestsPerSecond', title: 'requests/s', better: 'higher', decimals: 0 },
  cpuMicroseconds: { key: 'cpuMicroseconds', title: 'CPU µs/request', better: 'lower', decimals: 1 },
  p99Ms: { key: 'p99Ms', title: 'p99 ms', better: 'lower', decimals: 2 },
  restMegabytes: { key: 'restMegabytes', title: 'private MB at rest', better: 'lower', decimals: 1 },
  loadMegabytes: { key: 'loadMegabytes', title: 'after load', better: 'lower', decimals: 1 },
};

export function memoryAtRest(server: Server): Figures {
  return { restMegabytes: megabytesOf(server) };
}

export async function loadRound(server: Server, options: WrkOptions): Promise<Figures> {
  const cpuBefore = cpuMsOf(server);
  const { requests, requestsPerSecond, p99Ms } = await wrk(server, options);
  const cpuMs = cpuMsOf(server) - cpuBefore;
  return {
    requestsPerSecond,
    p99Ms,
    cpuMicroseconds: (cpuMs * 1000) / requests,
    loadMegabytes: megabytesOf(server),
  };
}

function programsOf({ program, behind = [] }: Server): Program[] {
  return [program, ...behind];
}

/** CPU time of all its processes so far. */
export function cpuMsOf(server: Server): number {
  return programsOf(server).reduce((sum, { pid }) => sum + cpuMsOfTree(pid), 0);
}

/** Private memory of all its processes. */
export function megabytesOf(server: Server): number {
  return programsOf(server).reduce((sum, { pid }) => sum + privateBytesOfTree(pid), 0) / 2 ** 20;
}
