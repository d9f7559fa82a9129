import { figure, goal } from '../asks.ts';
import { mkdirSync } from 'node:fs';

import type { Rig } from '../../rig/rig.ts';
import { realUwsgiEnvironment, subject } from '../../rig/subject.ts';
import { layOutProject } from '../../tutorial/project.ts';
import { megabytesOf } from '../app-load.ts';
import { virtualenv } from '../contestants.ts';
import { accepts, type Launch, msUntil, serves } from '../launch.ts';
import type { Contestant, Figures, Row } from '../row.ts';

const APP = ['--pythonpath', 'code/', '--module', 'app', '--disable-logging'];

type Command = (address: string, rig: Rig) => readonly string[];

const COMMANDS: readonly (readonly [name: string, needs: Contestant['needs'], command: Command])[] = [
  [
    'ours',
    [],
    (address, rig) => {
      const options = ['--master', '--processes', '2', '--http-socket', address, '--virtualenv', virtualenv(rig)];
      return [...subject.vassal, ...options, ...APP];
    },
  ],
  ['uWSGI', ['uwsgi'], (address) => ['uwsgi', '--master', '--processes', '2', '--http-socket', address, ...APP]],
  [
    'gunicorn',
    ['gunicorn'],
    (address) => ['gunicorn', '--workers', '2', '--bind', address, '--pythonpath', 'code', 'app:application'],
  ],
];

async function prepare(rig: Rig, name: string, commandFor: Command): Promise<Launch> {
  mkdirSync(rig.path(name));
  layOutProject(rig, name);
  const port = await rig.port();
  const environment = { ...realUwsgiEnvironment, ...subject.environment };
  const command = commandFor(`127.0.0.1:${port}`, rig);
  return { port, start: () => rig.start(command, { workingDirectory: name, environment }) };
}

async function round({ port, start }: Launch): Promise<Figures> {
  const began = performance.now();
  const program = await start();
  const acceptMs = await msUntil('the port is open', began, () => accepts(port));
  const answerMs = await msUntil('the first request is answered', began, () => serves(port));
  const restMegabytes = megabytesOf({ port, program });
  await program.stop();
  return { acceptMs, answerMs, restMegabytes };
}

/** Issue 11: ready to accept 250 ms after exec. */
export const start: Row<Launch> = {
  name: 'start',
  title: 'from exec to the first answer, the tutorial’s app, 2 processes',
  contestants: COMMANDS.map(([name, needs, command]) => ({ name, needs, start: (rig) => prepare(rig, name, command) })),
  columns: [
    { key: 'acceptMs', title: 'accepts after ms', better: 'lower', decimals: 0, asks: [goal(figure(250))] },
    { key: 'answerMs', title: 'answers after ms', better: 'lower', decimals: 0 },
    { key: 'restMegabytes', title: 'private MB then', better: 'lower', decimals: 1, asks: [figure(30)] },
  ],
  isCold: true,
  round,
};
