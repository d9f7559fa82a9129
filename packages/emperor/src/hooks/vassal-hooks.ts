import type { EmperorEventListener } from '../events.ts';
import { performHook, type HookAction } from './hook-action.ts';
import type { VassalFile } from '../monitor/vassal-file.ts';
import type { Environment } from '../vassal/vassal-environment.ts';
import type { OutputListener } from '../vassal/vassal-output.ts';
import { runCommand } from './run-command.ts';

export interface HookSettings {
  /** The words of `vassals-stop-hook`. */
  readonly stop: readonly string[] | undefined;
  /** Of `hook-as-emperor` and `exec-as-emperor`. */
  readonly launched: readonly HookAction[];
}

export interface HookSurroundings {
  /** Of every vassal. */
  readonly environment: (file: VassalFile) => Environment;
  readonly output: 'inherit' | 'capture';
  readonly report: EmperorEventListener;
}

/** Where what a hook writes is kept. */
export interface HookOutput {
  readonly stdout: OutputListener;
  readonly stderr: OutputListener;
}

/** Runs commands of the operator in the emperor when something happens to a vassal, with uWSGI's lines around them. */
export class VassalHooks {
  readonly #settings: HookSettings;
  readonly #surroundings: HookSurroundings;

  constructor(settings: HookSettings, surroundings: HookSurroundings) {
    this.#settings = settings;
    this.#surroundings = surroundings;
  }

  /** Nobody waits for these. */
  async launched(file: VassalFile, pid: number, output: HookOutput): Promise<void> {
    const { uid, gid } = file.owner ?? { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
    const facts = {
      UWSGI_VASSAL_CONFIG: file.name,
      UWSGI_VASSAL_PID: String(pid),
      UWSGI_VASSAL_UID: String(uid),
      UWSGI_VASSAL_GID: String(gid),
    };
    const means = {
      run: (command: string) => this.#run(['/bin/sh', '-c', command], file, facts, output),
      print: (line: string) => output.stdout.onLine(line),
    };
    for (const action of this.#settings.launched) {
      const about = { vassal: file.name, hook: 'as-emperor', command: action.text } as const;
      this.#surroundings.report({ type: 'vassal-hook-started', ...about, pid, uid, gid });
      this.#surroundings.report({ type: 'vassal-hook-ended', ...about, ...(await performHook(action, means)) });
    }
  }

  /** The vassal is not started again before this has ended. Undefined when there is nothing to do. */
  ended(file: VassalFile, output: HookOutput): Promise<void> | undefined {
    const { stop } = this.#settings;
    return stop === undefined ? undefined : this.#runStopHook(stop, file, output);
  }

  async #runStopHook(hook: readonly string[], file: VassalFile, output: HookOutput): Promise<void> {
    const words = [...hook, file.name];
    const about = { vassal: file.name, hook: 'stop-hook', command: words.join(' ') } as const;
    this.#surroundings.report({ type: 'vassal-hook-started', ...about });
    const code = await this.#run(words, file, {}, output);
    this.#surroundings.report({ type: 'vassal-hook-ended', ...about, code });
  }

  #run(words: readonly string[], file: VassalFile, facts: Environment, output: HookOutput): Promise<number> {
    const { environment, output: kind } = this.#surroundings;
    return runCommand({
      words,
      workingDirectory: file.workingDirectory,
      environment: { ...environment(file), ...facts },
      output: kind === 'inherit' ? 'inherit' : output,
    });
  }
}
