import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';

import type { Program } from '../rig/program.ts';
import type { Rig } from '../rig/rig.ts';
import { realUwsgiEnvironment, subject } from '../rig/subject.ts';
import { layOutProject } from '../tutorial/project.ts';
import { virtualenv } from './contestants.ts';
import type { Contestant } from './row.ts';

/** An emperor over sites that all serve the tutorial's app, each on a port of its own. */
export interface Realm {
  readonly start: () => Promise<Program>;
  /** Drops the configuration of a site, whole, where the emperor looks. */
  readonly drop: (site: number, port: number) => void;
  readonly remove: (site: number) => void;
  readonly port: () => Promise<number>;
}

const PATTERN = 'sites/*/uwsgi.ini';

/** Both run the app on Debian's Python. */
export const realms: readonly Contestant<Realm>[] = [
  {
    name: 'ours',
    needs: [],
    start: async (rig) => {
      const command = [...subject.emperor(PATTERN), '--die-with-emperor'];
      return realmOf(rig, 'ours', command, `virtualenv = ${virtualenv(rig)}\n`);
    },
  },
  {
    name: 'uWSGI',
    needs: ['uwsgi'],
    start: async (rig) => realmOf(rig, 'uWSGI', ['uwsgi', '--master', '--emperor', PATTERN], ''),
  },
];

/** @param more lines of each vassal's configuration */
function realmOf(rig: Rig, name: string, command: readonly string[], more: string): Realm {
  mkdirSync(rig.path(name, 'sites'), { recursive: true });
  layOutProject(rig, name);
  const environment = { ...realUwsgiEnvironment, ...subject.environment };
  const home = (site: number): string => rig.path(name, 'sites', `site-${site}`);
  return {
    start: () => rig.start(command, { workingDirectory: name, environment }),
    drop: (site, port) => {
      mkdirSync(home(site));
      writeFileSync(`${home(site)}/new`, `${configuration(port, rig.path(name, 'code'))}${more}`);
      renameSync(`${home(site)}/new`, `${home(site)}/uwsgi.ini`);
    },
    remove: (site) => rmSync(home(site), { recursive: true }),
    port: () => rig.port(),
  };
}

function configuration(port: number, code: string): string {
  return `[uwsgi]
master = true
http-socket = 127.0.0.1:${port}
processes = 1
pythonpath = ${code}
module = app
disable-logging = true
`;
}
