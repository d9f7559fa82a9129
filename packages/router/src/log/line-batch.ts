import { Buffer } from 'node:buffer';

type LineEncoding = 'utf8' | 'latin1';

interface Run {
  readonly encoding: LineEncoding;
  readonly lines: string[];
}

/** Lines that wait to be written together. Neighbours of the same encoding are joined before they become bytes. */
export class LineBatch {
  /** How many lines. */
  count = 0;
  /** Characters held, line breaks included: a lower bound of the bytes. */
  size = 0;
  readonly #runs: Run[] = [];
  #last: Run | undefined;

  add(text: string, encoding: LineEncoding): void {
    let run = this.#last;
    if (run?.encoding !== encoding) {
      run = { encoding, lines: [] };
      this.#last = run;
      this.#runs.push(run);
    }
    run.lines.push(text);
    this.count++;
    this.size += text.length + 1;
  }

  /** All lines, each with its line break. */
  toBuffer(): Buffer {
    const parts = this.#runs.map(({ lines, encoding }) => Buffer.from(`${lines.join('\n')}\n`, encoding));
    const [only] = parts;
    return parts.length === 1 && only !== undefined ? only : Buffer.concat(parts);
  }

  /** Each line by itself, without a line break: for targets that take messages. */
  toLines(): Buffer[] {
    return this.#runs.flatMap(({ lines, encoding }) => lines.map((line) => Buffer.from(line, encoding)));
  }
}
