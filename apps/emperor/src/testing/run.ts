import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const LAUNCHER: string = fileURLToPath(new URL('../../bin/emperor', import.meta.url));

const PATIENCE_MS = 30_000;

/** One line of the structured log. */
export interface Line {
  readonly event: string;
  readonly vassal?: string;
  readonly msg: string;
  readonly pid?: number;
  readonly address?: string;
  readonly url?: string;
}

/** One emperor with `ROOT/run` as its runtime directory, and the text it writes. */
export class Run {
  readonly process: ChildProcess;
  text = '';

  constructor(root: string, ...args: string[]) {
    this.process = spawn(LAUNCHER, ['--runtime-dir', join(root, 'run'), ...args], { cwd: root, stdio: 'pipe' });
    for (const stream of [this.process.stdout, this.process.stderr]) {
      stream?.on('data', (chunk: Buffer) => (this.text += chunk.toString()));
    }
  }

  get lines(): Line[] {
    const complete = this.text.split('\n').filter((line) => line.startsWith('{') && line.endsWith('}'));
    return complete.map((line) => JSON.parse(line) as Line);
  }

  async until<Found>(look: () => Found | undefined | false): Promise<Found> {
    const deadline = performance.now() + PATIENCE_MS;
    for (;;) {
      const found = look();
      if (found !== undefined && found !== false) return found;
      if (this.process.exitCode !== null) throw new Error(`it ended:\n${this.text}`);
      if (performance.now() > deadline) throw new Error(`waited in vain:\n${this.text}`);
      await this.#move(deadline - performance.now());
    }
  }

  /** The first such event, about a vassal if one is named, from line `from` on. */
  event(name: string, vassal?: string, from = 0): Promise<Line> {
    return this.until(() =>
      this.lines.slice(from).find((line) => line.event === name && (vassal === undefined || line.vassal === vassal)),
    );
  }

  /** Ends when it has written something, has ended, or the time is up. */
  async #move(patienceMs: number): Promise<void> {
    const over = new AbortController();
    const signal = AbortSignal.any([over.signal, AbortSignal.timeout(Math.max(0, Math.ceil(patienceMs)))]);
    const moves = [once(this.process.stderr!, 'data', { signal }), once(this.process, 'exit', { signal })];
    await Promise.race(moves.map((move) => move.catch(() => undefined)));
    over.abort();
  }

  async stop(signal: NodeJS.Signals): Promise<number | null> {
    this.process.kill(signal);
    return this.end();
  }

  async end(): Promise<number | null> {
    if (this.process.exitCode === null && this.process.signalCode === null) await once(this.process, 'close');
    return this.process.exitCode;
  }
}
