import { startServer, virtualenv } from './contestants.ts';
import type { Contestant } from './row.ts';
import type { Rig } from '../rig/rig.ts';
import { realUwsgiEnvironment, subject } from '../rig/subject.ts';

/** No time-out ends a client while a row runs. */
const options = ['--master', '--disable-logging', '--processes', '2', '--pythonpath', 'code/', '--module', 'app'];
const patience = ['--http-timeout', '300', '--socket-timeout', '300'];

function served(rig: Rig, address: string): string[] {
  return ['--http-socket', address, '--virtualenv', virtualenv(rig)];
}

function ours(name: string, loop: string): Contestant {
  return {
    name,
    needs: [],
    start: (rig) =>
      startServer(rig, `loop-${loop}`, (address) => ({
        command: [...subject.vassal, ...options, ...patience, '--loop', loop, ...served(rig, address)],
        environment: subject.environment,
      })),
  };
}

/** The tutorial's app behind clients that take their time. uWSGI's workers cannot have such: its router can. */
export const patientServers: readonly Contestant[] = [
  ours('ours', 'auto'),
  ours('ours, loop = node', 'node'),
  {
    name: 'uWSGI router',
    needs: ['uwsgi'],
    start: (rig) =>
      startServer(rig, 'router', (address) => ({
        command: ['uwsgi', ...options, ...patience, '--http', address],
        environment: realUwsgiEnvironment,
      })),
  },
];
