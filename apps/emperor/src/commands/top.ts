import { setTimeout as pause } from 'node:timers/promises';

import { EmperorError, statusTable } from '@emperor/emperor';

import type { Command } from './command.ts';
import { styleFor } from './terminal.ts';
import { clientFor, numberOption, readWords } from './words.ts';

const DEFAULT_SECONDS = 2;
const SHORTEST_SECONDS = 0.2;

const CLEAR_BELOW = '\u001B[J';
const HOME = '\u001B[H';
const CLEAR_LINE_END = '\u001B[K';
const OTHER_SCREEN = '\u001B[?1049h\u001B[?25l';
const USUAL_SCREEN = '\u001B[?25h\u001B[?1049l';

export const top: Command = {
  name: 'top',
  form: '[--every SECONDS]',
  help: 'the status, live; ends with q or Ctrl-C',
  namesVassals: false,
  async run(args, surroundings) {
    const words = readWords(args, { '--every': 'value' });
    const { output } = surroundings;
    if (!output.isTTY) throw new EmperorError('top needs a terminal; use: emperor status');
    const milliseconds = Math.max(SHORTEST_SECONDS, numberOption(words, '--every', DEFAULT_SECONDS)) * 1000;
    const client = clientFor(words, surroundings);
    await client.status();
    const ended = new AbortController();
    const restore = watchKeys(() => ended.abort());
    output.write(OTHER_SCREEN);
    try {
      while (!ended.signal.aborted) {
        output.write(screen(statusTable(await client.status(), Date.now(), styleFor(surroundings)), output.rows));
        await pause(milliseconds, undefined, { signal: ended.signal }).catch(() => undefined);
      }
    } finally {
      output.write(USUAL_SCREEN);
      restore();
    }
    return 0;
  },
};

/** As much as fits, over what was there. */
function screen(table: string, rows: number): string {
  const lines = table.trimEnd().split('\n');
  const shown = lines.length < rows ? lines : [...lines.slice(0, rows - 2), `… ${lines.length - rows + 2} lines more`];
  return `${HOME}${shown.map((line) => `${line}${CLEAR_LINE_END}`).join('\n')}\n${CLEAR_BELOW}`;
}

/** Calls back on `q` and Ctrl-C. @returns what gives the keyboard back */
function watchKeys(onQuit: () => void): () => void {
  const { stdin } = process;
  process.once('SIGINT', onQuit);
  process.once('SIGTERM', onQuit);
  if (!stdin.isTTY) return () => undefined;
  const onKeys = (keys: Buffer): void => {
    if (keys.includes('q') || keys.includes(3)) onQuit();
  };
  stdin.setRawMode(true);
  stdin.on('data', onKeys);
  return () => {
    stdin.off('data', onKeys);
    stdin.setRawMode(false);
    stdin.pause();
  };
}
