import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';

import { readPattern } from './pattern.ts';
import { diffScans } from './scan-diff.ts';
import { Scanner, type Scan, type ScanOptions } from './scan.ts';

let root: string;

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'emperor-scan-')));
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

function put(path: string, content = '[uwsgi]\n'): void {
  const absolute = join(root, path);
  mkdirSync(dirname(absolute), { recursive: true });
  writeFileSync(absolute, content);
}

async function look(texts: string[], previous?: Scan, options: Partial<ScanOptions> = {}): Promise<Scan> {
  const extraExtensions = options.extraExtensions ?? [];
  const patterns = await Promise.all(texts.map((text) => readPattern(text, root, extraExtensions)));
  const scanner = new Scanner(patterns.flat(), { followSymlinks: true, tyrant: 'off', ...options, extraExtensions });
  return scanner.scan(previous?.files ?? new Map());
}

function names(found: Scan): string[] {
  return [...found.files.keys()];
}

test('scan names a vassal of a relative glob by the path as globbed, and runs it where the emperor is', async () => {
  put('http.ini');
  put('uwsgi.ini');
  const found = await look(['*.ini']);
  assert.deepEqual(names(found), ['http.ini', 'uwsgi.ini']);
  assert.equal(found.files.get('http.ini')?.workingDirectory, root);
});

test('scan names a vassal of an absolute glob by its path', async () => {
  put('www/http/uwsgi.ini');
  put('www/project/uwsgi.ini');
  put('www/project/other.ini');
  const found = await look([`${root}/www/*/uwsgi.ini`]);
  assert.deepEqual(names(found), [`${root}/www/http/uwsgi.ini`, `${root}/www/project/uwsgi.ini`]);
  assert.equal(found.files.get(`${root}/www/http/uwsgi.ini`)?.workingDirectory, root);
});

test('scan keeps the ./ a pattern begins with', async () => {
  put('a.ini');
  assert.deepEqual(names(await look(['./*.ini'])), ['./a.ini']);
});

test('scan of a directory names a vassal by its file, and runs it in that directory', async () => {
  put('vassals/a.ini');
  const found = await look(['vassals']);
  assert.deepEqual(names(found), ['a.ini']);
  assert.equal(found.files.get('a.ini')?.workingDirectory, join(root, 'vassals'));
});

test('scan takes a glob that matches just a directory for that directory', async () => {
  put('vassals.d/a.ini');
  assert.deepEqual(names(await look(['vassals*'])), ['a.ini']);
});

test('scan of a directory that is missing yet finds nothing and has no problem', async () => {
  const found = await look(['later']);
  assert.deepEqual([names(found), found.problems], [[], []]);
});

test('scan takes the extensions of uWSGI and those asked for, and regular files only', async () => {
  for (const name of ['a.ini', 'b.yml', 'c.yaml', 'd.json', 'e.js', 'f.xml', 'g.conf', 'h.txt', '.i.ini', 'j.ini~']) {
    put(`v/${name}`);
  }
  mkdirSync(join(root, 'v/k.ini'));
  execFileSync('mkfifo', [join(root, 'v/l.ini')]);
  symlinkSync('/nowhere', join(root, 'v/m.ini'));
  symlinkSync('n.ini', join(root, 'v/n.ini'));
  put(`v/${'o'.repeat(251)}.ini`);
  const found = await look(['v'], undefined, { extraExtensions: ['.conf'] });
  assert.deepEqual(names(found), ['a.ini', 'b.yml', 'c.yaml', 'd.json', 'e.js', 'f.xml', 'g.conf']);
  assert.deepEqual(
    found.problems.map((each) => each.replaceAll(`${root}/`, '')),
    ['v/k.ini is a directory, no regular file: it is not run', 'v/l.ini is a FIFO, no regular file: it is not run'],
  );
});

test('scan of a glob does not take files that are no configurations, and says so when there is nothing else', async () => {
  put('etc/passwd');
  const found = await look(['etc/*']);
  assert.deepEqual(names(found), []);
  assert.match(
    found.problems.join('\n'),
    /^etc\/\* matches .*\/etc\/passwd, but nothing with the extension of a configuration/,
  );
  put('etc/a.ini');
  assert.deepEqual((await look(['etc/*'])).problems, []);
});

test('scan follows braces, several patterns, and takes a file that two of them find once', async () => {
  put('a/uwsgi.ini');
  put('b/uwsgi.yml');
  const found = await look(['{a,b}/uwsgi.{ini,yml}', '*/uwsgi.ini']);
  assert.deepEqual(names(found), ['a/uwsgi.ini', 'b/uwsgi.yml']);
});

test('scan gives the second file of a name its path, and files keep their names', async () => {
  put('one/a.ini');
  put('two/a.ini');
  const first = await look(['one', 'two']);
  assert.deepEqual(names(first), ['a.ini', join(root, 'two/a.ini')]);
  unlinkSync(join(root, 'one/a.ini'));
  const second = await look(['one', 'two'], first);
  assert.deepEqual(names(second), [join(root, 'two/a.ini')]);
});

test('scan sees a site behind a symbolic link, and an edit of the file behind one', async () => {
  put('real/uwsgi.ini');
  mkdirSync(join(root, 'www'));
  symlinkSync('../real', join(root, 'www/site'));
  const first = await look(['www/*/uwsgi.ini']);
  put('real/uwsgi.ini', 'edited');
  const second = await look(['www/*/uwsgi.ini'], first);
  assert.deepEqual(
    diffScans(first.files, second.files).changed.map((file) => file.name),
    ['www/site/uwsgi.ini'],
  );
});

test('scan without following links looks at the time of the link', async () => {
  put('real.conf');
  symlinkSync('real.conf', join(root, 'a.ini'));
  const first = await look(['*.ini'], undefined, { followSymlinks: false });
  utimesSync(join(root, 'real.conf'), 1, 1);
  const second = await look(['*.ini'], first, { followSymlinks: false });
  assert.deepEqual([names(second), diffScans(first.files, second.files).changed], [['a.ini'], []]);
});

test('scan plans to watch the directory of the sites and the single files, never a site', async () => {
  put('www/http/uwsgi.ini');
  put('www/http/logs/request.log');
  put('www/project/app.py');
  const { watchPlan } = await look([`${root}/www/*/uwsgi.ini`]);
  assert.deepEqual([...watchPlan.directories.keys()], [join(root, 'www')]);
  assert.deepEqual([...watchPlan.paths], [join(root, 'www/http/uwsgi.ini'), join(root, 'www/project/uwsgi.ini')]);
});

test('scan plans to watch for the first missing directory on the way to a file', async () => {
  put('www/a/readme');
  const { watchPlan } = await look(['www/*/etc/uwsgi/uwsgi.ini', 'missing/*/uwsgi.ini']);
  assert.deepEqual([...watchPlan.paths], [join(root, 'www/a/etc'), join(root, 'missing')]);
});

test('scan plans no watch below a double star', async () => {
  put('www/a/b/c/uwsgi.ini');
  const found = await look(['www/**/uwsgi.ini']);
  assert.deepEqual(names(found), ['www/a/b/c/uwsgi.ini']);
  assert.deepEqual([...found.watchPlan.directories.keys(), ...found.watchPlan.paths], [join(root, 'www')]);
});

test('a scanner that finds a directory unchanged sees edits, removals and returns of the files in it all the same', async () => {
  for (const name of ['a', 'b', 'c']) put(`www/${name}/uwsgi.ini`);
  const past = new Date(Date.now() - 60_000);
  utimesSync(join(root, 'www'), past, past);
  const scanner = new Scanner(await readPattern('www/*/uwsgi.ini', root, []), {
    followSymlinks: true,
    tyrant: 'off',
    extraExtensions: [],
  });
  const first = await scanner.scan(new Map());
  const second = await scanner.scan(first.files);
  assert.equal(second.files.get('www/a/uwsgi.ini'), first.files.get('www/a/uwsgi.ini'));
  put('www/a/uwsgi.ini', '[uwsgi]\nedited = true\n');
  unlinkSync(join(root, 'www/b/uwsgi.ini'));
  const third = await scanner.scan(second.files);
  const diff = diffScans(second.files, third.files);
  assert.deepEqual(
    [diff.changed, diff.removed].map((files) => files.map(({ name }) => name)),
    [['www/a/uwsgi.ini'], ['www/b/uwsgi.ini']],
  );
  assert.ok([...third.watchPlan.paths].includes(join(root, 'www/b/uwsgi.ini')));
  put('www/b/uwsgi.ini');
  assert.equal(names(await scanner.scan(third.files)).length, 3);
});

test('a scanner finds what is new in a directory that it knows', async () => {
  put('www/a/uwsgi.ini');
  const past = new Date(Date.now() - 60_000);
  utimesSync(join(root, 'www'), past, past);
  const scanner = new Scanner(await readPattern('www/*/uwsgi.ini', root, []), {
    followSymlinks: true,
    tyrant: 'off',
    extraExtensions: [],
  });
  const first = await scanner.scan((await scanner.scan(new Map())).files);
  put('www/b/uwsgi.ini');
  assert.deepEqual(names(await scanner.scan(first.files)), ['www/a/uwsgi.ini', 'www/b/uwsgi.ini']);
});
