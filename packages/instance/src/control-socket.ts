import { unlinkSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';

import { closeDescriptor, duplicate, replaceDescriptor, sendDescriptor } from '@emperor/posix';
import {
  HELD_SOCKET_VARIABLE,
  type ControlConfiguration,
  type ControlDone,
  type ControlError,
  type ControlNews,
  type ControlReload,
  type ControlRequest,
  type ControlStatus,
} from '@emperor/protocol';

import { outlivesEmperor } from './emperor-link.ts';
import { LonelyLog } from './lonely-log.ts';

/** What can be asked of an instance over its control socket. */
export interface ControlledInstance {
  status(): ControlStatus;
  /** uWSGI's statistics. */
  statistics(): object;
  configuration(): ControlConfiguration;
  /** Resolves when it is over, with how it ended; undefined when the instance ends instead. */
  reload(): Promise<ControlReload | undefined>;
  stop(): void;
  /** `VassalByte`s that hold at the moment. */
  said(): readonly number[];
}

const MAX_REQUEST_BYTES = 4096;
const STDIN = 0;
const STDOUT = 1;
const STDERR = 2;

/** The vassal's own socket in the emperor's runtime directory (0700: only its owner reaches it); `ControlRequest` says what it understands. */
export class ControlSocket {
  readonly #server: Server;
  readonly #path: string;
  readonly #instance: ControlledInstance;
  readonly #clients = new Set<Socket>();
  readonly #subscribers = new Set<Socket>();
  readonly #lonelyLog: LonelyLog | undefined;

  constructor(path: string, instance: ControlledInstance) {
    this.#path = path;
    this.#instance = instance;
    this.#removeFile();
    this.#lonelyLog = outlivesEmperor(process.env) ? LonelyLog.beside(path) : undefined;
    this.#server = createServer((client) => this.#serve(client));
    // Without it the status is unavailable, the service is not.
    this.#server.on('error', () => {});
    this.#server.listen(path);
    this.#server.unref();
  }

  /** To all subscribers. */
  tell(news: ControlNews): void {
    for (const subscriber of this.#subscribers) send(subscriber, news);
  }

  /** Nobody reads our output any more. */
  emperorLost(): void {
    this.#lonelyLog?.begin();
  }

  close(): void {
    this.#server.close();
    for (const client of this.#clients) client.destroySoon();
    this.#removeFile();
  }

  #serve(client: Socket): void {
    this.#clients.add(client);
    client.unref();
    client.setEncoding('utf8');
    client.on('close', () => {
      this.#clients.delete(client);
      this.#subscribers.delete(client);
    });
    client.on('error', () => {});
    let text = '';
    client.on('data', (chunk) => {
      text += chunk.toString();
      if (text.length > MAX_REQUEST_BYTES) client.destroy();
      for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n')) {
        this.#answer(client, text.slice(0, end));
        text = text.slice(end + 1);
      }
    });
  }

  #answer(client: Socket, line: string): void {
    const request = parseRequest(line);
    switch (request?.request) {
      case undefined:
        return send(client, { error: 'the request is not a line of JSON' });
      case 'status':
        return send(client, this.#instance.status());
      case 'statistics':
        return send(client, this.#instance.statistics());
      case 'configuration':
        return send(client, this.#instance.configuration());
      case 'reload':
        return this.#reload(client, request.wait === true);
      case 'stop':
        this.#instance.stop();
        return send(client, { done: 'stop' });
      case 'subscribe':
        this.#subscribers.add(client);
        return send(client, { said: this.#instance.said() });
      case 'held-socket':
        return sendHeldSocket(client);
      case 'output':
        this.#lonelyLog?.end();
        return becomeOutput(client);
      default:
        return send(client, { error: `unknown request ${JSON.stringify(request satisfies never)}` });
    }
  }

  #reload(client: Socket, wait: boolean): void {
    const outcome = this.#instance.reload();
    if (!wait) send(client, { done: 'reload' });
    else void outcome.then((how) => send(client, how ?? { error: 'the instance has ended instead of reloading' }));
  }

  #removeFile(): void {
    try {
      unlinkSync(this.#path);
    } catch {
      // Not there: nothing to remove.
    }
  }
}

function send(client: Socket, message: object | ControlDone | ControlError | ControlNews): void {
  if (client.writable) client.write(`${JSON.stringify(message)}\n`);
}

function parseRequest(line: string): ControlRequest | undefined {
  try {
    return JSON.parse(line) as ControlRequest;
  } catch {
    return undefined;
  }
}

/** A new emperor wants to hold what the former one held for us. */
function sendHeldSocket(client: Socket): void {
  if ((process.env[HELD_SOCKET_VARIABLE] ?? '') === '') return send(client, { error: 'no socket is held for it' });
  const answer: ControlDone = { done: 'held-socket' };
  sendDescriptor(descriptorOf(client), STDIN, Buffer.from(`${JSON.stringify(answer)}\n`));
}

function descriptorOf(client: Socket): number {
  return (client as unknown as { readonly _handle: { readonly fd: number } })._handle.fd;
}

/** A new emperor wants our log. The connection lives on as stdout and stderr, for us and all we start; Node has no part in it any more. */
function becomeOutput(client: Socket): void {
  const copy = duplicate(descriptorOf(client));
  client.destroy();
  replaceDescriptor(STDOUT, copy);
  replaceDescriptor(STDERR, copy);
  closeDescriptor(copy);
}
