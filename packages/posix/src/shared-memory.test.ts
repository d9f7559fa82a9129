import assert from 'node:assert/strict';
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { test } from 'node:test';

import { SharedMemory } from './shared-memory.ts';

/** Makes memory of 8192 bytes, names it, and after a line of input tells its first byte. */
const MAKER = `
import fcntl, mmap, os, sys
descriptor = os.memfd_create('test', os.MFD_ALLOW_SEALING)
os.ftruncate(descriptor, 8192)
if sys.argv[1] == 'sealed':
    fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK)
memory = mmap.mmap(descriptor, 8192)
memory[8191] = 77
print('/proc/%d/fd/%d' % (os.getpid(), descriptor), flush=True)
sys.stdin.readline()
print(memory[0], flush=True)
`;

const options = { skip: process.platform !== 'linux', timeout: 30_000 };

class Maker implements Disposable {
  readonly #process: ChildProcessByStdio<Writable, Readable, null>;

  constructor(kind: 'sealed' | 'unsealed') {
    this.#process = spawn('python3', ['-S', '-c', MAKER, kind], { stdio: ['pipe', 'pipe', 'inherit'] });
  }

  async line(): Promise<string> {
    const [text] = (await once(this.#process.stdout, 'data')) as [Buffer];
    return text.toString().trim();
  }

  ask(): void {
    this.#process.stdin.write('\n');
  }

  [Symbol.dispose](): void {
    this.#process.kill('SIGKILL');
  }
}

test('memory that another process has made is seen by both', options, async () => {
  using maker = new Maker('sealed');
  const memory = SharedMemory.attach(await maker.line(), 8192);
  assert.equal(memory.bytes[8191], 77);
  memory.bytes[0] = 42;
  maker.ask();
  assert.equal(await maker.line(), '42');
  memory.detach();
});

test('memory that may become smaller, or is, is refused', options, async () => {
  using maker = new Maker('unsealed');
  const path = await maker.line();
  assert.throws(() => SharedMemory.attach(path, 8192), /cannot use the memory \/proc\/.*: it is not sealed/);
  using sealed = new Maker('sealed');
  const other = await sealed.line();
  assert.throws(() => SharedMemory.attach(other, 8193), /it has 8192 bytes instead of 8193/);
});
