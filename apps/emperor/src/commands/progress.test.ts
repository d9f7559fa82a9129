import assert from 'node:assert/strict';
import { test } from 'node:test';

import { withProgress } from './progress.ts';

/** A terminal, or none, that remembers what was written, and tells when that says something. */
class Screen {
  text = '';
  readonly columns = 30;
  readonly #waited: { readonly words: string; readonly tell: () => void }[] = [];
  readonly isTTY: boolean;

  constructor(isTTY: boolean) {
    this.isTTY = isTTY;
  }

  write(text: string): boolean {
    this.text += text;
    for (const { words, tell } of this.#waited) if (this.text.includes(words)) tell();
    return true;
  }

  shows(words: string): Promise<void> {
    return new Promise((tell) => this.#waited.push({ words, tell }));
  }

  get surroundings(): Parameters<typeof withProgress>[0] {
    const output = this as unknown as NodeJS.WriteStream;
    return { environment: { TERM: 'xterm' }, workingDirectory: '/', output };
  }
}

test('a terminal shows what is waited for, no wider than it is, and nothing of it stays', async () => {
  const screen = new Screen(true);
  const { promise, resolve } = Promise.withResolvers<number>();
  const result = withProgress(screen.surroundings, async () => `a-long-name/uwsgi.ini reloading, and more`, promise);
  await screen.shows('a-long-name');
  resolve(7);
  assert.equal(await result, 7);
  const drawn = screen.text.split('\r').map((line) => line.replace('\u001B[K', ''));
  assert.ok(
    drawn.every((line) => line.length < screen.columns),
    drawn.join('|'),
  );
  assert.equal(drawn.at(-1), '');
});

test('what is no terminal is shown nothing', async () => {
  const screen = new Screen(false);
  assert.equal(await withProgress(screen.surroundings, async () => 'reloading', Promise.resolve(7)), 7);
  assert.equal(screen.text, '');
});
