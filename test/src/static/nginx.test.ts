import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';

import { type Answer, header } from '../rig/answer.ts';
import { HttpClient, request } from '../rig/http-client.ts';
import { startNginxSite } from '../rig/nginx.ts';
import { Rig } from '../rig/rig.ts';
import { oursOnly } from '../rig/subject.ts';
import { needs } from '../run/parts.ts';
import { workerSpawned } from '../tutorial/expect.ts';
import { layOutFiles } from './files.ts';
import { NGINX_CASES, type NginxCase } from './nginx-cases.ts';

type Summary = Readonly<Record<string, string>>;

/** The parts of an answer that make a difference to a client, by lower-case name; a tag counts as there or not there. */
function summary(answer: Answer): Summary {
  const parts: Record<string, string> = { status: String(answer.status) };
  for (const name of [
    'content-type',
    'content-length',
    'content-range',
    'content-encoding',
    'last-modified',
    'accept-ranges',
    'vary',
    'location',
  ]) {
    const value = header(answer, name);
    if (value !== undefined) parts[name] = value.replace(/boundary=.*/, 'boundary=B').replace(/^http:\/\/[^/]*/, '');
  }
  if (header(answer, 'etag') !== undefined) parts['etag'] = 'there';
  const boundary = /boundary=(.*)/.exec(header(answer, 'content-type') ?? '')?.[1];
  const body = answer.body.toString('latin1');
  if (boundary === undefined) {
    parts['body'] = body;
  } else {
    parts['body'] = body.replaceAll(boundary, 'B').trim();
    // The boundary has the length its maker likes.
    delete parts['content-length'];
  }
  // uWSGI says nothing in a 304; we say what a cache needs, and no date.
  if (answer.status === 304) delete parts['last-modified'];
  if (answer.status >= 300 && answer.status !== 304) {
    // What an error or a redirection says of itself is everybody's own.
    for (const name of ['body', 'content-type', 'content-length', 'last-modified', 'etag']) delete parts[name];
  }
  return parts;
}

async function startNginx(rig: Rig): Promise<number> {
  const port = await rig.port();
  await startNginxSite(rig, {
    home: 'nginx',
    connections: 64,
    http: `include /etc/nginx/mime.types;
  access_log off;
  gzip_static on;
  gzip_vary on;
  absolute_redirect off;`,
    server: `listen 127.0.0.1:${port}; root ${rig.path('static')};`,
  });
  return port;
}

async function startOurs(rig: Rig): Promise<number> {
  const port = await rig.port();
  const options = ['--check-static', 'static', '--static-index', 'index.html', '--static-gzip-all'];
  const vassal = await rig.vassal(
    [
      '--master',
      '--http-socket',
      `127.0.0.1:${port}`,
      '--module',
      'app',
      ...options,
      '--static-etag',
      '--honour-range',
    ],
    {},
  );
  await vassal.waitForLog(workerSpawned);
  return port;
}

/** A server, and the tags of its files, which it is asked for once. */
class Server {
  readonly #port: number;
  readonly #tags = new Map<string, string>();

  constructor(port: number) {
    this.#port = port;
  }

  async answer({ line, headers = {} }: NginxCase): Promise<Answer> {
    const entries = Object.entries(headers);
    const tag = entries.some(([, value]) => value.includes('ETAG')) ? await this.#tagOf(line) : '';
    return await this.#ask(
      line,
      Object.fromEntries(entries.map(([name, value]) => [name, value.replace('ETAG', tag)])),
    );
  }

  async #tagOf(line: string): Promise<string> {
    let tag = this.#tags.get(line);
    if (tag === undefined) {
      tag = header(await this.#ask(line, {}), 'etag') ?? '';
      this.#tags.set(line, tag);
    }
    return tag;
  }

  async #ask(line: string, headers: Readonly<Record<string, string>>): Promise<Answer> {
    await using client = await HttpClient.connect(this.#port);
    client.send(request(line, headers));
    return await client.answer(line.split(' ')[0]);
  }
}

/** What is wrong with our answer; undefined where it is nginx's, but for what the table says. */
function complaint({ line, headers = {}, ours }: NginxCase, mine: Summary, theirs: Summary): string | undefined {
  const title = `${line} ${JSON.stringify(headers)}`;
  const expected: Record<string, string | undefined> = { ...theirs, ...ours?.differs };
  const names = new Set([...Object.keys(expected), ...Object.keys(mine)]);
  const wrong = [...names].filter((name) => expected[name] !== mine[name]);
  if (wrong.length > 0) {
    return `${title}\n${wrong.map((name) => `    ${name}: ${mine[name]}, expected ${expected[name]}`).join('\n')}`;
  }
  return ours !== undefined && isDeepStrictEqual(mine, theirs) ? `${title}: the table says that we differ` : undefined;
}

for (const [topic, cases] of Object.entries(NGINX_CASES)) {
  test(
    `static files are answered as nginx answers them: ${topic}, ${cases.length} requests`,
    { skip: needs('nginx').skip || oursOnly.skip },
    async (t) => {
      await using rig = Rig.open(t);
      layOutFiles(rig);
      const nginx = new Server(await startNginx(rig));
      const ours = new Server(await startOurs(rig));
      const complaints: string[] = [];
      for (const tried of cases) {
        const found = complaint(tried, summary(await ours.answer(tried)), summary(await nginx.answer(tried)));
        if (found !== undefined) complaints.push(found);
      }
      assert.equal(complaints.join('\n'), '');
    },
  );
}
