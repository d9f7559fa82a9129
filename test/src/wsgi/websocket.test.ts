import assert from 'node:assert/strict';
import { once } from 'node:events';
import { before, test, type TestContext } from 'node:test';

import { startNginx } from '../neighbours/nginx.ts';
import { ask } from '../rig/http-client.ts';
import { Rig } from '../rig/rig.ts';
import { oursOnly } from '../rig/subject.ts';
import { needs } from '../run/parts.ts';
import { makeCertificate } from '../tls/certificates.ts';
import { layOutProject, replaceApp } from '../tutorial/project.ts';

before(() => {
  // The certificates are the tests' own, and the browser's WebSocket has no option to trust one.
  process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
});

/** A browser's end of a conversation: messages in the order of their arrival. */
class Conversation implements AsyncDisposable {
  readonly #socket: WebSocket;
  readonly #messages: (string | number)[] = [];
  #onMessage: () => void = () => {};

  private constructor(url: string) {
    this.#socket = new WebSocket(url);
    this.#socket.binaryType = 'arraybuffer';
    this.#socket.addEventListener('message', (event: MessageEvent) => {
      const data = event.data as string | ArrayBuffer;
      this.#messages.push(typeof data === 'string' ? data : data.byteLength);
      this.#onMessage();
    });
  }

  static async open(url: string): Promise<Conversation> {
    const conversation = new Conversation(url);
    await once(conversation.#socket, 'open');
    return conversation;
  }

  say(text: string): void {
    this.#socket.send(text);
  }

  /** The next message: its text, or the size of what is no text. */
  async next(): Promise<string | number | undefined> {
    while (this.#messages.length === 0)
      await new Promise<void>((resolve) => {
        this.#onMessage = resolve;
      });
    return this.#messages.shift();
  }

  /** Resolves with the code that the other end gave. */
  async ended(): Promise<number> {
    const [event] = (await once(this.#socket, 'close')) as [CloseEvent];
    return event.code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#socket.readyState === WebSocket.CLOSED) return;
    const closed = once(this.#socket, 'close');
    this.#socket.close();
    await closed;
  }
}

async function startTalking(rig: Rig, ...lines: readonly string[]): Promise<void> {
  layOutProject(rig);
  replaceApp(rig, 'talks');
  rig.write('uwsgi.ini', ['[uwsgi]', 'master = true', ...lines, 'wsgi-file = code/app.py', ''].join('\n'));
  const vassal = await rig.vassal(['--ini', 'uwsgi.ini']);
  await vassal.waitForLog(/^spawned uWSGI worker 1 /);
}

/** What everybody expects of a conversation. */
async function converse(url: string): Promise<void> {
  await using conversation = await Conversation.open(`${url}/chat`);
  assert.equal(await conversation.next(), `${url.startsWith('wss') ? 'https' : 'http'} /chat`);
  for (const text of ['hello', 'æ€', 'x'.repeat(200_000)]) {
    conversation.say(text);
    assert.equal(await conversation.next(), text);
  }
  conversation.say('size 500000');
  assert.equal(await conversation.next(), 500_000);
  conversation.say('bye');
  assert.equal(await conversation.ended(), 1000);
}

for (const option of ['http-socket', 'http', 'https']) {
  test(`a browser converses with an app over ${option}`, oursOnly, async (t) => {
    await using rig = Rig.open(t);
    const port = await rig.port();
    const isSecure = option === 'https';
    if (isSecure) makeCertificate(rig, 'localhost');
    await startTalking(rig, `${option} = 127.0.0.1:${port}${isSecure ? ',localhost.crt,localhost.key' : ''}`);
    await converse(`${isSecure ? 'wss' : 'ws'}://127.0.0.1:${port}`);
  });
}

test('a browser converses with an app behind a router', oursOnly, async (t) => {
  await using rig = Rig.open(t);
  const [app, router] = [await rig.port(), await rig.port()];
  await startTalking(rig, `socket = 127.0.0.1:${app}`);
  const addresses = ['--http', `127.0.0.1:${router}`, '--http-to', `127.0.0.1:${app}`];
  const vassal = await rig.vassal(['--master', '--processes', '0', '--http-websockets', ...addresses]);
  await vassal.waitForLog(/^spawned uWSGI http 1 /);
  await converse(`ws://127.0.0.1:${router}`);
});

test('a browser converses with an app behind nginx', needs('nginx'), async (t: TestContext) => {
  await using rig = Rig.open(t);
  const app = `127.0.0.1:${await rig.port()}`;
  await startTalking(rig, `socket = ${app}`);
  const { port } = await startNginx(rig, app);
  await converse(`ws://127.0.0.1:${port}`);
});

test(
  'a conversation occupies its thread only: other requests are served, and other conversations held',
  oursOnly,
  async (t) => {
    await using rig = Rig.open(t);
    const port = await rig.port();
    await startTalking(rig, `http-socket = 127.0.0.1:${port}`, 'threads = 3', 'processes = 1');
    const url = `ws://127.0.0.1:${port}`;
    await using first = await Conversation.open(url);
    await using second = await Conversation.open(url);
    assert.equal((await ask(port, 'GET /')).status, 500, 'no offer: a KeyError');
    for (const conversation of [first, second]) {
      await conversation.next();
      conversation.say('still there?');
      assert.equal(await conversation.next(), 'still there?');
    }
  },
);
