import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';

import { SocketStore } from '../on-demand/socket-store.ts';
import { Realm } from '../testing/realm.ts';
import { Notifier } from './notifier.ts';
import { ServiceReporter } from './service-reporter.ts';

/** systemd's end: prints each message as a line, with a word for a descriptor that came with it. */
const MANAGER = `
import array, socket, sys
receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
receiver.bind(sys.argv[1])
print('listening', flush=True)
while True:
    data, ancillary, _, _ = receiver.recvmsg(4096, socket.CMSG_SPACE(4))
    print(data.decode().replace('\\n', ' ') + (' +descriptor' if ancillary else ''), flush=True)
`;

/** A service manager and what it has heard. */
class Manager {
  readonly address: string;
  readonly heard: string[] = [];
  readonly #directory = mkdtempSync(join(tmpdir(), 'emperor-notify-'));
  readonly #lines: AsyncIterator<string>;
  readonly #process;

  constructor() {
    this.address = join(this.#directory, 'notify');
    this.#process = spawn('python3', ['-c', MANAGER, this.address], { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#lines = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
  }

  /** The next message that fits. */
  async until(pattern: RegExp): Promise<string> {
    for (;;) {
      const { value, done } = await this.#lines.next();
      if (done === true) throw new Error(`never heard ${pattern}: ${this.heard.join(' | ')}`);
      this.heard.push(value);
      if (pattern.test(value)) return value;
    }
  }

  [Symbol.dispose](): void {
    this.#process.kill('SIGKILL');
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

test('the service manager hears of the start, of how many are up, of reloads and of the end', async () => {
  using manager = new Manager();
  await manager.until(/listening/);
  await using realm = new Realm();
  const notifier = Notifier.of({ NOTIFY_SOCKET: manager.address }, process.pid);
  assert.ok(notifier !== undefined);
  const reporter = new ServiceReporter(notifier, realm.emperor);
  realm.fan.listen((event) => reporter.note(event));
  realm.put('well-behaved.ini');
  await realm.emperor.start();
  reporter.started();
  await manager.until(/^READY=1$/);
  await manager.until(/^STATUS=1 of 1 vassals are up$/);
  realm.emperor.reload('SIGHUP');
  await manager.until(/^RELOADING=1 MONOTONIC_USEC=\d+$/);
  await manager.until(/^READY=1$/);
  await realm.stop();
  await manager.until(/^STOPPING=1$/);
  reporter.close();
  notifier.close();
});

test('the service manager gets signs of life when it wants them, and keeps the sockets that are held', async () => {
  using manager = new Manager();
  await manager.until(/listening/);
  const environment = { NOTIFY_SOCKET: manager.address, WATCHDOG_USEC: '20000', WATCHDOG_PID: String(process.pid) };
  const notifier = Notifier.of(environment, process.pid);
  assert.ok(notifier !== undefined);
  await manager.until(/^WATCHDOG=1$/);
  const store = new SocketStore([], notifier);
  const held = store.open('127.0.0.1:0');
  const name = /FDNAME=(held-[0-9a-f]+) \+descriptor/.exec(await manager.until(/^FDSTORE=1/))?.[1];
  store.close(held);
  await manager.until(new RegExp(`^FDSTOREREMOVE=1 FDNAME=${name}$`));
  notifier.close();
});

test('Notifier is not there where nobody wants to know', () => {
  assert.equal(Notifier.of({}, 1), undefined);
});
