import assert from 'node:assert/strict';
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';

import type { EntryFilter, WatchPlan } from './watch-plan.ts';
import { Watcher } from './watcher.ts';

let root = '';
let watcher: Watcher;
/** Since the last `follow`. */
let moves = 0;
let move = Promise.withResolvers<void>();
let problems: string[] = [];

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'emperor-watcher-')));
  problems = [];
  watcher = new Watcher(
    () => {
      moves += 1;
      move.resolve();
    },
    (problem) => problems.push(problem),
  );
});

afterEach(() => {
  watcher.stop();
  rmSync(root, { recursive: true });
});

function put(name: string, content = ''): string {
  const path = join(root, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}

function planOf(paths: readonly string[], directories: Readonly<Record<string, EntryFilter>> = {}): WatchPlan {
  const entries = Object.entries(directories).map(([name, filter]) => [join(root, name), [filter]] as const);
  return { directories: new Map(entries), paths: new Set(paths.map((path) => join(root, path))) };
}

/** Follows a plan, whose new watches are a move of their own. */
function follow(plan: WatchPlan, replaced?: readonly string[]): void {
  watcher.follow(plan, replaced);
  moves = 0;
  move = Promise.withResolvers<void>();
}

/** Ends at the first move after the last `follow`; the test's own time limit is the limit. */
function moved(): Promise<void> {
  return move.promise;
}

test('a watcher says once that something moved when it has new watches, and nothing when it has none', () => {
  put('a.ini');
  const plan = planOf(['a.ini', 'b.ini'], { '.': () => true });
  moves = 0;
  watcher.follow(plan);
  assert.equal(moves, 1);
  watcher.follow(plan);
  watcher.follow(planOf(['a.ini']));
  assert.equal(moves, 1);
});

test('a watcher notices an edit, and the next one', async () => {
  put('a.ini');
  const plan = planOf(['a.ini']);
  for (const content of ['1', '22']) {
    follow(plan);
    put('a.ini', content);
    await moved();
  }
});

test('a watcher notices a file that is replaced while somebody has the old one open', async () => {
  const path = put('a.ini');
  const descriptor = openSync(path, 'r');
  try {
    const plan = planOf(['a.ini']);
    for (const content of ['1', '22']) {
      follow(plan);
      renameSync(put('a.new', content), path);
      await moved();
    }
  } finally {
    closeSync(descriptor);
  }
});

test('a watcher notices a file that comes, goes and comes back', async () => {
  const plan = planOf(['a.ini']);
  follow(plan);
  const path = put('a.ini');
  await moved();
  follow(plan);
  rmSync(path);
  await moved();
  follow(plan);
  put('a.ini');
  await moved();
});

test('a watcher notices an edit behind links, and another link in the place of one', async () => {
  put('releases/1/a.ini');
  put('releases/2/a.ini');
  symlinkSync('releases/1', join(root, 'current'));
  const plan = planOf(['current/a.ini']);
  follow(plan);
  put('releases/1/a.ini', 'edited');
  await moved();
  follow(plan);
  symlinkSync('releases/2', join(root, 'next'));
  renameSync(join(root, 'next'), join(root, 'current'));
  await moved();
  follow(plan);
  put('releases/2/a.ini', 'edited');
  await moved();
});

test('a watcher does not listen to what lies beside a file, nor to entries that nobody wants', async () => {
  put('site/a.ini');
  put('vassals/wanted');
  const seen: string[] = [];
  follow(
    planOf(['site/a.ini'], {
      vassals: (name) => {
        seen.push(name);
        return name === 'wanted';
      },
    }),
  );
  put('site/request.log', 'a line');
  put('vassals/other', 'x');
  assert.equal(moves, 0);
  put('vassals/wanted', 'x');
  await moved();
  // In the order in which they happened.
  assert.deepEqual([...new Set(seen)], ['other', 'wanted']);
  assert.ok(moves <= seen.filter((name) => name === 'wanted').length);
});

test('a watcher tells a file from a directory where only directories matter', async () => {
  mkdirSync(join(root, 'sites'));
  follow(planOf([], { sites: (_, isFile) => isFile !== true }));
  put('sites/app.log', 'a line');
  mkdirSync(join(root, 'sites/new'));
  await moved();
  assert.equal(moves, 1);
});

test('a watcher notices a directory that is taken away, and what comes into its successor', async () => {
  put('vassals/a.ini');
  const plan = (): WatchPlan => planOf([], { vassals: (name) => name.endsWith('.ini') });
  follow(plan());
  renameSync(join(root, 'vassals'), join(root, 'away'));
  mkdirSync(join(root, 'vassals'));
  await moved();
  follow(plan());
  put('vassals/b.ini');
  await moved();
});

test('a watcher follows a directory that is another one than before, as a scan has found', async () => {
  put('one/a.ini');
  put('two/a.ini');
  symlinkSync('one', join(root, 'vassals'));
  const plan = (): WatchPlan => planOf([], { vassals: () => true });
  follow(plan());
  rmSync(join(root, 'vassals'));
  symlinkSync('two', join(root, 'vassals'));
  follow(plan());
  put('two/b.ini');
  await moved();
});

test('a watcher watches a replaced file anew', async () => {
  put('above/site/a.ini');
  const plan = planOf(['above/site/a.ini']);
  follow(plan);
  renameSync(join(root, 'above'), join(root, 'away'));
  const path = put('above/site/a.ini');
  follow(plan, [path]);
  put('above/site/a.ini', 'edited');
  await moved();
});

test('a watcher has no problem with what is not there', () => {
  put('file');
  watcher.follow(planOf(['missing/a.ini', 'file/a.ini'], { gone: () => true }));
  assert.deepEqual(problems, []);
});
