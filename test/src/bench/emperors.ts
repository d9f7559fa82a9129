import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';

import type { Program } from '../rig/program.ts';
import type { Rig } from '../rig/rig.ts';
import { realUwsgiEnvironment, subject } from '../rig/subject.ts';
import { layOutProject } from '../tutorial/project.ts';
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

const RULERS: readonly (readonly [name: string, needs: Contestant['needs'], command: readonly string[]])[] = [
  ['ours', [], [...subject.emperor(PATTERN), '--die-with-emperor']],
  ['uWSGI', ['uwsgi'], ['uwsgi', '--master', '--emperor', PATTERN]],
];

export const realms: readonly Contestant<Realm>[] = RULERS.map(([name, needs, command]) => ({
  name,
  needs,
  start: async (rig) => realmOf(rig, name, command),
}));

function realmOf(rig: Rig, name: string, command: readonly string[]): Realm {
  mkdirSync(rig.path(name, 'sites'), { recursive: true });
  layOutProject(rig, name);
  const environment = { ...realUwsgiEnvironment, ...subject.environment };
  const home = (site: number): string => rig.path(name, 'sites', `site-${site}`);
  return {
    start: () => rig.start(command, { workingDirectory: name, environment }),
    drop: (site, port) => {
      mkdirSync(home(site));
      writeFileSync(`${home(site)}/new`, configuration(port, rig.path(name, 'code')));
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
