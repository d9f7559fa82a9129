import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';

import { ask } from '../rig/http-client.ts';
import { startNginxSite, uwsgiPass } from '../rig/nginx.ts';
import type { Program } from '../rig/program.ts';
import type { Rig } from '../rig/rig.ts';
import { realUwsgiEnvironment } from '../rig/subject.ts';
import { until } from '../rig/until.ts';
import { layOutProject } from '../tutorial/project.ts';
import { virtualenv } from './contestants.ts';
import type { Contestant, Server } from './row.ts';

/** Who runs the app behind a front: on a uwsgi socket, with two processes. */
type Back = 'ours' | 'uWSGI';

/** A `uwsgi` socket: a path below the contestant's directory, or a port. */
type Where = 'unix' | 'tcp';

async function startBack(rig: Rig, name: string, back: Back, socket: string): Promise<Program> {
  mkdirSync(rig.path(name));
  layOutProject(rig, name);
  const options = [
    '--master',
    '--processes',
    '2',
    '--disable-logging',
    '--vacuum',
    '--socket',
    socket,
    '--pythonpath',
    'code/',
    '--module',
    'app',
  ];
  const program =
    back === 'ours'
      ? await rig.vassal([...options, '--virtualenv', virtualenv(rig)], { workingDirectory: name })
      : await rig.start(['uwsgi', ...options], { workingDirectory: name, environment: realUwsgiEnvironment });
  await program.waitForLog(/spawned uWSGI worker 2/);
  return program;
}

async function socketFor(rig: Rig, name: string, where: Where): Promise<string> {
  return where === 'unix' ? rig.path(name, 'app.sock') : `127.0.0.1:${await rig.port()}`;
}

async function untilAnswers(server: Server, name: string): Promise<Server> {
  await until(`${name} answers`, async () => (await ask(server.port, 'GET /').catch(() => undefined))?.status === 200);
  return server;
}

/** TLS for a front. */
interface Certificate {
  readonly certificate: string;
  readonly key: string;
}

function makeCertificate(rig: Rig): Certificate {
  const made = { certificate: rig.path('bench.crt'), key: rig.path('bench.key') };
  const kind = 'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost'.split(
    ' ',
  );
  execFileSync('openssl', [...kind, '-keyout', made.key, '-out', made.certificate], { stdio: 'pipe' });
  return made;
}

async function startNginx(rig: Rig, name: string, socket: string, tls?: Certificate): Promise<Server> {
  const port = await rig.port();
  // nginx before 1.23.4 speaks TLS 1.3 only when told to, as Debian's own configuration does: resumption costs half as much in TLS 1.2.
  const certificate =
    tls === undefined
      ? ''
      : `ssl_protocols TLSv1.2 TLSv1.3; ssl_certificate ${tls.certificate}; ssl_certificate_key ${tls.key};`;
  const program = await startNginxSite(rig, {
    home: `${name}-nginx`,
    connections: 2048,
    http: 'access_log off; keepalive_requests 10000000;',
    server: `listen 127.0.0.1:${port}${tls === undefined ? '' : ' ssl http2'};
    ${certificate}
    ${uwsgiPass(socket)}`,
  });
  return { port, program, secure: tls !== undefined };
}

/** nginx in front of a `socket`. */
export function behindNginx(back: Back, where: Where): Contestant {
  const name = `nginx -> ${back}`;
  return {
    name,
    needs: back === 'uWSGI' ? ['nginx', 'uwsgi'] : ['nginx'],
    start: async (rig) => {
      const directory = `nginx-${back}`;
      const socket = await socketFor(rig, directory, where);
      const app = await startBack(rig, directory, back, socket);
      return untilAnswers({ ...(await startNginx(rig, directory, socket)), behind: [app] }, name);
    },
  };
}

/** The http router of ours or of uWSGI, in front of an app server of the same kind. */
export function behindRouter(kind: Back, where: Where): Contestant {
  const name = `${kind} -> ${kind}`;
  return {
    name,
    needs: kind === 'uWSGI' ? ['uwsgi'] : [],
    start: async (rig) => {
      const directory = `router-${kind}`;
      const socket = await socketFor(rig, directory, where);
      const app = await startBack(rig, directory, kind, socket);
      const port = await rig.port();
      const options = ['--master', '--http', `127.0.0.1:${port}`, '--http-to', socket, '--http-keepalive=5'];
      const program =
        kind === 'ours'
          ? await rig.vassal(options)
          : await rig.start(['uwsgi', ...options], { environment: realUwsgiEnvironment });
      return untilAnswers({ port, program, behind: [app] }, name);
    },
  };
}

/** HTTPS in front of the tutorial's app: ours in one instance, nginx in front of uWSGI. */
export const secureApps: readonly Contestant[] = [
  {
    name: 'ours',
    needs: [],
    start: async (rig) => {
      const { certificate, key } = makeCertificate(rig);
      mkdirSync(rig.path('secure'));
      layOutProject(rig, 'secure');
      const port = await rig.port();
      const options = ['--master', '--processes', '2', '--disable-logging', '--pythonpath', 'code/', '--module', 'app'];
      const https = ['--https', `127.0.0.1:${port},${certificate},${key}`, '--http-keepalive=30'];
      const program = await rig.vassal([...options, ...https, '--virtualenv', virtualenv(rig)], {
        workingDirectory: 'secure',
      });
      await program.waitForLog(/spawned uWSGI worker 2/);
      return { port, program, secure: true };
    },
  },
  {
    name: 'nginx -> uWSGI',
    needs: ['nginx', 'uwsgi'],
    start: async (rig) => {
      const socket = await socketFor(rig, 'secure-uwsgi', 'unix');
      const app = await startBack(rig, 'secure-uwsgi', 'uWSGI', socket);
      return { ...(await startNginx(rig, 'secure-uwsgi', socket, makeCertificate(rig))), behind: [app] };
    },
  },
];
