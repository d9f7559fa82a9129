import type { Buffer } from 'node:buffer';
import { cpSync, mkdirSync, symlinkSync, utimesSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

import type { Rig } from '../rig/rig.ts';
import { repository } from '../rig/subject.ts';

/** When all files of the tests were changed. */
export const MODIFIED: Date = new Date('2026-11-22T15:19:56Z');

export const TEN_BYTES = '0123456789';
export const STYLE: string = 'p { margin: 0 }\n'.repeat(20);
/** The compressed twin of the style sheet. */
export const TWIN: Buffer = gzipSync(STYLE);
/** Larger than what is kept in memory. */
export const LARGE: string = Array.from({ length: 40_000 }, (_, line) => `${line} of a large file\n`).join('');

/** Writes the files that all servers of these tests send: `static/…`, and beside it what must never be sent. */
export function layOutFiles(rig: Rig): void {
  const files: Readonly<Record<string, string | Uint8Array>> = {
    'ten.txt': TEN_BYTES,
    'empty.txt': '',
    'style.css': STYLE,
    'style.css.gz': TWIN,
    'large.txt': LARGE,
    'page.html': '<p>page</p>\n',
    'no-extension': 'plain',
    'with space.txt': 'spaced',
    'é.txt': 'accent',
    'dir/index.html': '<p>index</p>\n',
    'dir/inner.txt': 'inner',
    'bare/inner.txt': 'inner',
    '.hidden': 'hidden',
  };
  for (const [name, content] of Object.entries(files)) {
    utimesSync(rig.write(`static/${name}`, content), MODIFIED, MODIFIED);
  }
  rig.write('secret.txt', 'SECRET');
  rig.write('static-evil/secret.txt', 'SECRET');
  mkdirSync(rig.path('outside'));
  rig.write('outside/secret.txt', 'SECRET');
  symlinkSync('../secret.txt', rig.path('static/link-out.txt'));
  symlinkSync('../outside', rig.path('static/dir-out'));
  symlinkSync('ten.txt', rig.path('static/link-in.txt'));
  cpSync(`${repository}test/fixtures/apps/not_found.py`, rig.path('app.py'));
}
