import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { EmperorByte } from '@emperor/protocol';

import type { VassalWord } from '../vassal/vassal-event.ts';
import type { VassalExit } from '../vassal/vassal-exit.ts';
import { AdoptedVassal } from './adopted-vassal.ts';
import { startTimeOf } from './process-identity.ts';

const FIXTURE = fileURLToPath(new URL('../../fixtures/outlives.mjs', import.meta.url));
const PATIENCE_MS = 20_000;

/** A vassal of a former emperor, and what a new one hears of it. */
class Scene {
  readonly directory: string = mkdtempSync(join(tmpdir(), 'emperor-adoption-'));
  readonly child: ChildProcess;
  readonly heard: string[] = [];
  readonly #news = new EventEmitter();

  private constructor() {
    const env = { EMPEROR_CONTROL_SOCKET: join(this.directory, 'control') };
    this.child = spawn(process.execPath, [FIXTURE], { env, stdio: ['pipe', 'pipe', 'inherit'] });
  }

  /** It runs, but has no control socket yet. */
  static async open(): Promise<Scene> {
    const scene = new Scene();
    await once(scene.child.stdout!, 'data');
    return scene;
  }

  listen(): void {
    this.child.stdin!.write('listen\n');
  }

  adopt(): AdoptedVassal {
    const pid = this.child.pid ?? 0;
    const silence = { onLine: () => undefined, onDropped: () => undefined };
    const identity = { pid, startTime: startTimeOf(pid) ?? '' };
    const listener = {
      onWord: (word: VassalWord) => this.#hear(word),
      onBabble: () => this.#hear('babble'),
      onExit: (exit: VassalExit) => this.#hear(`exit ${JSON.stringify(exit)}`),
      stdout: silence,
      stderr: { ...silence, onLine: (line: string) => this.#hear(`line ${line}`) },
    };
    // Here it is a child that Node knows of, and buries.
    return new AdoptedVassal(identity, join(this.directory, 'control'), listener, () => undefined);
  }

  async until(text: string): Promise<void> {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    while (!this.heard.includes(text)) await once(this.#news, 'news', { signal });
  }

  #hear(text: string): void {
    this.heard.push(text);
    this.#news.emit('news');
  }

  [Symbol.dispose](): void {
    this.child.kill('SIGKILL');
    rmSync(this.directory, { recursive: true, force: true });
  }
}

test('an adopted vassal tells how it is and what it logs, takes orders, and tells with which code it ends', async () => {
  using scene = await Scene.open();
  scene.listen();
  const adopted = scene.adopt();
  await adopted.answered;
  assert.deepEqual(scene.heard.slice(0, 2), ['spawned', 'accepting']);
  await scene.until('line talking to you now');
  adopted.send(EmperorByte.reload);
  await scene.until('line reloading');
  adopted.send(EmperorByte.stop);
  await scene.until('exit {"kind":"code","code":7}');
  assert.equal(scene.heard.at(-1), 'exit {"kind":"code","code":7}');
  assert.ok(scene.heard.includes('line goodbye'));
});

test('an adopted vassal that is killed is found dead at once, how it died is not known', async () => {
  using scene = await Scene.open();
  scene.listen();
  const adopted = scene.adopt();
  await adopted.answered;
  adopted.kill();
  await scene.until('exit {"kind":"unseen"}');
});

test('an adopted vassal that is in mid-start is waited for', async () => {
  using scene = await Scene.open();
  const adopted = scene.adopt();
  scene.listen();
  await adopted.answered;
  await scene.until('accepting');
  adopted.terminate();
  await scene.until('exit {"kind":"unseen"}');
});
