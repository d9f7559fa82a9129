import { Buffer } from 'node:buffer';
import { cpSync, readFileSync } from 'node:fs';

import type { Program } from '../rig/program.ts';
import type { Rig } from '../rig/rig.ts';
import { repository } from '../rig/subject.ts';

const fixtures = `${repository}test/fixtures/tutorial`;
/** The tutorial's own: what `npm start` serves. */
const project = `${repository}deploy/www/project`;

/** What the tutorial's app answers, to the byte. */
export const welcomePage: Buffer = Buffer.from(`
 <!DOCTYPE html>
 <html>
   <head>
     <title> Welcome! </title>
     <link rel="stylesheet" type="text/css" href="base.css">
   </head>
   <body>
     <p> Welcome! </p>
   </body>
 </html>`);

export const styleSheet: Buffer = readFileSync(`${project}/static/base.css`);

/** The tutorial's `code/app.py` and `static/base.css`, in the rig's directory or below it. */
export function layOutProject(rig: Rig, into: string = '.'): void {
  cpSync(`${project}/code/app.py`, rig.path(into, 'code/app.py'));
  cpSync(`${project}/static/base.css`, rig.path(into, 'static/base.css'));
}

/** Ports that take the place of the tutorial's: 8000, where the browser is pointed, and 8001, the app's socket. */
export interface Ports {
  readonly 8000?: number;
  readonly 8001?: number;
}

/** A listing of the tutorial, ports aside. Only 127.0.0.1 listens: a test machine may have neighbours. */
export function listing(name: string, ports: Ports): string {
  return readFileSync(`${fixtures}/${name}.ini`, 'utf8')
    .replaceAll('127.0.0.1:8001', `127.0.0.1:${ports[8001]}`)
    .replaceAll(' :8000', ` 127.0.0.1:${ports[8000]}`);
}

/** The tutorial's command line that serves the app. */
export function appArguments(port: number): string[] {
  return ['--master', '--http-socket', `127.0.0.1:${port}`, '--pythonpath', 'code/', '--module', 'app'];
}

/** The tutorial's command line that serves the app, and what a section adds to it; ready when it returns. */
export async function startApp(rig: Rig, ...more: readonly string[]): Promise<{ vassal: Program; port: number }> {
  layOutProject(rig);
  const port = await rig.port();
  const vassal = await rig.vassal([...appArguments(port), ...more]);
  await vassal.waitForLog(/^spawned uWSGI worker 1 /);
  return { vassal, port };
}

/** Puts one of the test apps where the tutorial has its own, `code/app.py`. */
export function replaceApp(rig: Rig, name: string, project: string = '.'): void {
  cpSync(`${repository}test/fixtures/apps/${name}.py`, rig.path(project, 'code/app.py'));
}

/** Lays the project out with a listing as its `uwsgi.ini`, and runs it, with another app if given; ready when it returns. */
export async function startListing(rig: Rig, name: string, app?: string): Promise<{ vassal: Program; port: number }> {
  layOutProject(rig);
  if (app !== undefined) replaceApp(rig, app);
  const port = await rig.port();
  rig.write('uwsgi.ini', listing(name, { 8000: port }));
  const vassal = await rig.vassal(['--ini', 'uwsgi.ini']);
  await vassal.waitForLog(/^spawned 1 offload threads for uWSGI worker 1$/);
  return { vassal, port };
}
