import type { AdminClient } from '@emperor/emperor';

import type { CommandSurroundings } from './command.ts';

const DRAW_EVERY_MS = 120;
/** Whoever waits wants to see a change soon; the emperor wants to do other things too. */
const LOOK_EVERY_MS = 500;

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const LINE_START = '\r';
const CLEAR_LINE_END = '\u001B[K';

/** What is shown while a command waits; undefined while nothing is known. */
type Look = () => Promise<string | undefined>;

/**
 * Waits for something. On a terminal a line says meanwhile how it goes, and vanishes at the end; elsewhere, in a script or a log, nothing is
 * written but the outcome.
 */
export async function withProgress<Result>(
  { output, environment }: CommandSurroundings,
  look: Look,
  work: Promise<Result>,
): Promise<Result> {
  if (!output.isTTY || environment['TERM'] === 'dumb') return work;
  const line = new ProgressLine(output, look);
  try {
    return await work;
  } finally {
    line.end();
  }
}

/** How these vassals are at the moment: `shop/uwsgi.ini reloading, jobs/uwsgi.ini ready`. */
export function stateOf(client: AdminClient, names: readonly string[]): Look {
  return async () => {
    const { vassals } = await client.status();
    const states = new Map(vassals.map(({ name, state }) => [name, state]));
    return names.map((name) => `${name} ${states.get(name) ?? 'not there yet'}`).join(', ');
  };
}

class ProgressLine {
  readonly #output: NodeJS.WriteStream;
  readonly #look: Look;
  readonly #startedAt = performance.now();
  readonly #drawing: NodeJS.Timeout;
  readonly #looking: NodeJS.Timeout;
  #frame = 0;
  #text = 'waiting';

  constructor(output: NodeJS.WriteStream, look: Look) {
    this.#output = output;
    this.#look = look;
    this.#drawing = setInterval(() => this.#draw(), DRAW_EVERY_MS);
    this.#looking = setInterval(() => void this.#update(), LOOK_EVERY_MS);
    void this.#update();
  }

  end(): void {
    clearInterval(this.#drawing);
    clearInterval(this.#looking);
    this.#output.write(LINE_START + CLEAR_LINE_END);
  }

  /** That nobody answers is the concern of what is waited for. */
  async #update(): Promise<void> {
    this.#text = (await this.#look().catch(() => undefined)) ?? this.#text;
  }

  #draw(): void {
    this.#frame = (this.#frame + 1) % FRAMES.length;
    const seconds = Math.round((performance.now() - this.#startedAt) / 1000);
    const text = `${FRAMES[this.#frame] ?? ''} ${this.#text}, ${seconds} s`;
    this.#output.write(LINE_START + text.slice(0, this.#output.columns - 1) + CLEAR_LINE_END);
  }
}
