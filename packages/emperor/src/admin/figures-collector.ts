import { askFigures } from '../vassal/control-client.ts';
import type { VassalFigures } from '../vassal/vassal-figures.ts';

/** Whom to ask. */
export interface Source {
  readonly name: string;
  /** The control socket of its present process; it changes with each launch. */
  readonly socketPath: string;
}

export interface Collected {
  /** The last it told, from this process of it. */
  readonly figures: VassalFigures | undefined;
  /** Whether it answered this time. */
  readonly isAnswering: boolean;
}

interface Record {
  readonly socketPath: string;
  figures: VassalFigures | undefined;
  isAnswering: boolean;
  question: Promise<void> | undefined;
}

/** How long a vassal may take to answer at all. */
const ANSWER_TIMEOUT_MS = 1000;

/** How long a scrape waits for answers: a healthy vassal takes a millisecond or two. */
const PATIENCE_MS = 200;

/**
 * Asks all vassals at once. One that does not answer is asked on in the background and not waited for again before it has
 * answered, so a hung vassal delays one scrape by `PATIENCE_MS`, not each.
 */
export class FiguresCollector {
  readonly #records = new Map<string, Record>();

  /** @param sources all there are */
  async collect(sources: readonly Source[]): Promise<ReadonlyMap<string, Collected>> {
    const records = new Map(sources.map((source) => [source.name, this.#recordOf(source)]));
    for (const name of this.#records.keys()) if (!records.has(name)) this.#records.delete(name);
    await this.#askIdle([...records.values()]);
    return records;
  }

  async collectOne(source: Source): Promise<Collected> {
    const record = this.#recordOf(source);
    await this.#askIdle([record]);
    return record;
  }

  #askIdle(records: readonly Record[]): Promise<void> {
    const idle = records.filter((record) => record.question === undefined);
    return withinPatience(Promise.all(idle.map((record) => this.#ask(record))));
  }

  #recordOf({ name, socketPath }: Source): Record {
    const known = this.#records.get(name);
    if (known?.socketPath === socketPath) return known;
    const fresh: Record = { socketPath, figures: undefined, isAnswering: false, question: undefined };
    this.#records.set(name, fresh);
    return fresh;
  }

  #ask(record: Record): Promise<void> {
    record.question = askFigures(record.socketPath, ANSWER_TIMEOUT_MS).then((figures) => {
      record.figures = figures ?? record.figures;
      record.isAnswering = figures !== undefined;
      record.question = undefined;
    });
    return record.question;
  }
}

async function withinPatience(work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise((resolve) => (timer = setTimeout(resolve, PATIENCE_MS)));
  await Promise.race([work, patience]);
  clearTimeout(timer);
}
