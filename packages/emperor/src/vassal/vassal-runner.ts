import { EmperorByte } from '@emperor/protocol';

import { AdoptedVassal } from '../adoption/adopted-vassal.ts';
import type { VassalRecord } from '../adoption/vassal-record.ts';
import type { VassalFile } from '../monitor/vassal-file.ts';
import { launchVassal } from './child-vassal.ts';
import { ProcessorUse } from './processor-use.ts';
import type { Starter } from './start-queue.ts';
import type { VassalAction, VassalEvent } from './vassal-event.ts';
import type { VassalExit } from './vassal-exit.ts';
import type { VassalJournal } from './vassal-journal.ts';
import type { VassalLaunch } from './vassal-launch.ts';
import type { VassalMeans } from './vassal-means.ts';
import type { VassalProcess, VassalProcessListener } from './vassal-process.ts';
import type { VassalSurroundings } from './vassal-surroundings.ts';

/** How long the first scan waits for those that are adopted: until it is known how they are, an edit is no reason to restart them. */
const ADOPTION_PATIENCE_MS = 1000;

export interface RunnerParts {
  readonly means: VassalMeans;
  readonly journal: VassalJournal;
  readonly surroundings: VassalSurroundings;
  /** The file as it is now. */
  readonly file: () => VassalFile;
  /** Hears what becomes of the process. */
  readonly happen: (event: VassalEvent) => void;
}

/** What is done to a process. */
type ProcessAction = Extract<VassalAction, 'send-reload' | 'send-stop' | 'send-graceful-stop' | 'terminate' | 'kill'>;

/** Launches, adopts and ends the process of one vassal. */
export class VassalRunner {
  readonly #parts: RunnerParts;
  #process: VassalProcess | undefined;

  constructor(parts: RunnerParts) {
    this.#parts = parts;
  }

  /** For the so many-th time. Returns whom the start queue may look at while it starts; undefined when it could not be launched. */
  launch(launches: number): Starter | undefined {
    const { means, journal, happen } = this.#parts;
    const file = this.#parts.file();
    journal.beginTry();
    const launch = this.#prepare(() => means.prepare(file));
    if (launch === undefined) return undefined;
    if (launch.user !== undefined) {
      journal.report({ type: 'vassal-privileges-dropped', vassal: file.name, ...launch.user });
    }
    const launched = launchVassal(launch, this.#listener(file.name));
    if (launched === undefined) return undefined;
    this.#process = launched;
    happen({ type: 'launched', pid: launched.pid });
    this.#launched(launched.pid, launch, file, launches);
    return new ProcessorUse(launched.pid);
  }

  /** Nothing is launched before somebody connects. */
  awaitConnection(isFirst: boolean): void {
    const { means, journal, happen } = this.#parts;
    const socket = this.#prepare(() => means.socket.open());
    if (socket === undefined) return;
    means.socket.watch(() => happen({ type: 'connection' }));
    journal.report({ type: 'vassal-waiting', vassal: this.#parts.file().name, address: socket.address, isFirst });
  }

  /** Ends when the process that a former emperor launched has told how it is, or has had its time to. */
  async adopt(record: VassalRecord): Promise<void> {
    const { means, journal, happen } = this.#parts;
    const vassal = record.file.name;
    means.adopted(record);
    journal.adopted(record.launchedAt);
    await means.recoverSocket(ADOPTION_PATIENCE_MS);
    const adopted = new AdoptedVassal(record, means.traces.socketPath, this.#listener(vassal));
    this.#process = adopted;
    journal.report({ type: 'vassal-adopted', vassal, pid: record.pid });
    await withinPatience(adopted.answered);
    // One in mid-start had no control socket yet.
    await means.recoverSocket(ADOPTION_PATIENCE_MS);
    if (!means.isAsLaunched(record)) happen({ type: 'restart' });
  }

  perform(action: ProcessAction): void {
    switch (action) {
      case 'send-reload':
        this.#parts.journal.beginTry();
        return this.#process?.send(EmperorByte.reload);
      case 'send-stop':
        return this.#process?.send(EmperorByte.stop);
      case 'send-graceful-stop':
        return this.#process?.send(EmperorByte.gracefulStop);
      case 'terminate':
        return this.#process?.terminate();
      case 'kill':
        return this.#process?.kill();
      default:
        return action satisfies never;
    }
  }

  #launched(pid: number, launch: VassalLaunch, file: VassalFile, launches: number): void {
    const { means, surroundings } = this.#parts;
    means.traces.launched(pid, launch, file, launches);
    void surroundings.hooks.launched(file, pid, this.#listener(file.name));
  }

  /** What cannot be had, an address or a place in a full file system, is a failure of the vassal's, to be tried again. */
  #prepare<Prepared>(prepare: () => Prepared): Prepared | undefined {
    try {
      return prepare();
    } catch (error) {
      const exit: VassalExit = { kind: 'launch-failed', problem: (error as Error).message };
      this.#parts.happen({ type: 'exited', exit });
      return undefined;
    }
  }

  #listener(vassal: string): VassalProcessListener {
    const { journal, happen } = this.#parts;
    return {
      onWord: (word) => happen({ type: 'said', word }),
      onBabble: () => this.#babbled(vassal),
      onExit: (exit) => this.#exited(exit),
      stdout: journal.output(vassal, 'stdout'),
      stderr: journal.output(vassal, 'stderr'),
    };
  }

  #exited(exit: VassalExit): void {
    const { means, surroundings, file, happen } = this.#parts;
    this.#process = undefined;
    const explained = means.end(exit);
    const hook = surroundings.hooks.ended(file(), this.#listener(file().name));
    if (hook === undefined) happen({ type: 'exited', exit: explained });
    else void hook.then(() => happen({ type: 'exited', exit: explained }));
  }

  #babbled(vassal: string): void {
    const pid = this.#process?.pid;
    if (pid !== undefined) this.#parts.journal.report({ type: 'vassal-babbling', vassal, pid });
  }
}

async function withinPatience(answer: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise((resolve) => (timer = setTimeout(resolve, ADOPTION_PATIENCE_MS)));
  await Promise.race([answer, patience]);
  clearTimeout(timer);
}
