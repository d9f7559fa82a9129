import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

import type { CacheDefinition } from './cache-definition.ts';
import { openCache, type OpenedCache } from './open-cache.ts';

const USUAL: CacheDefinition = {
  name: 'c',
  items: 10,
  blockBytes: 64,
  blocks: 10,
  usesSeveralBlocks: false,
  keyBytes: 20,
  hash: 'djb33x',
  hashSize: 65_536,
  store: undefined,
  storeSyncSeconds: 0,
  deletesBadStore: false,
  purgesLeastUsed: false,
  clearsWhenFull: false,
  complainsWhenFull: true,
  sweepSeconds: 3,
  mathInitial: 0n,
  lifeSeconds: 0,
  url: undefined,
};

/** A directory for one test. */
export function scratch(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'cache-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** A cache in a directory, and what it said. It is closed when the test ends. */
export async function open(
  t: TestContext,
  directory: string,
  definition: Partial<CacheDefinition> = {},
): Promise<OpenedCache & { readonly log: string[] }> {
  const log: string[] = [];
  const places = { directory, workingDirectory: directory, log: (line: string): void => void log.push(line) };
  const opened = await openCache({ ...USUAL, ...definition }, places);
  t.after(() => opened.cache.close());
  return { ...opened, log };
}

/** Text as the bytes of a value. */
export function bytes(text: string): Buffer {
  return Buffer.from(text);
}
