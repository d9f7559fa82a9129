import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

import { loadMimeTypes, MimeTypes } from './mime-types.ts';

test('mime types are read from a file and told by the last extension in its exact case', () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'emperor-mime-'));
  const file = path.join(directory, 'mime.types');
  writeFileSync(file, '# text/nothing no\ntext/css\t\tcss\nimage/jpeg jpeg jpg\ntext/x-none\n');
  const notices: string[] = [];
  const types = loadMimeTypes([path.join(directory, 'missing'), file], notices);
  rmSync(directory, { recursive: true });
  assert.equal(types.of('/x/a.min.css'), 'text/css');
  assert.equal(types.of('/x/a.jpg'), 'image/jpeg');
  assert.equal(types.of('/x/a.JPG'), undefined);
  assert.equal(types.of('/x.css/a'), undefined);
  assert.equal(types.of('/x/css'), undefined);
  assert.deepEqual(notices, [`building mime-types dictionary from file ${file}...3 entry found`]);
});

test('mime types that are built in serve where no file is', () => {
  const notices: string[] = [];
  const types = loadMimeTypes(['/nothing/mime.types'], notices);
  assert.equal(types.of('a.css'), 'text/css');
  assert.equal(types.of('a.js'), 'text/javascript');
  assert.equal(types.of('a.woff2'), 'font/woff2');
  assert.match(notices.join(), /^no mime types in \/nothing\/mime\.types: using the \d+ that are built in$/);
});

test('the first type of an extension counts, as in uWSGI', () => {
  const types = new MimeTypes();
  types.add('application/x-sh sh\ntext/x-sh sh shell\n');
  assert.deepEqual([types.of('run.sh'), types.of('run.shell')], ['application/x-sh', 'text/x-sh']);
});
