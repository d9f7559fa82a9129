import assert from 'node:assert/strict';
import type { Buffer } from 'node:buffer';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

import { type FakeRequest, FakeExchange } from '../routes/fake-exchange.test-support.ts';
import { createStaticFiles } from './static-files.ts';
import type { StaticOptions } from './static-options.ts';

export const CSS = 'html { box-sizing: border-box }\n*, *:before, *:after { box-sizing: inherit; }\n';
const MODIFIED = 1_795_368_401;
export const LAST_MODIFIED = 'Sun, 22 Nov 2026 17:26:41 GMT';
export const CHECK: StaticOptions = { 'check-static': ['static/'] };

export interface Outcome {
  readonly handled: boolean;
  readonly exchange: FakeExchange;
  readonly lines: readonly string[];
}

/** A directory of files to be served, and of others that must not be. */
export class StaticSite {
  readonly base: string = realpathSync(mkdtempSync(path.join(tmpdir(), 'emperor-static-')));

  constructor() {
    this.write('static/base.css', CSS);
    this.write('static/base.css.gz', gzipSync(CSS));
    this.write('static/both.js', 'js');
    this.write('static/both.js.gz', 'as gzip');
    this.write('static/both.js.br', 'as br');
    this.write('static/both.js.zst', 'as zstd');
    this.write('static/ten.txt', '0123456789');
    this.write('static/noext', 'x');
    this.write('static/empty.txt', '');
    this.write('static/sub/index.html', '<p>');
    this.write('static/dir/nothing', '');
    this.write('static/with space+é.txt', 'spaced');
    this.write('static/big.bin', 'b'.repeat(300_000));
    this.write('static-evil/secret', 'SECRET');
    this.write('safe/inside.txt', 'safe');
    this.write('secret.txt', 'SECRET');
    symlinkSync('../secret.txt', path.join(this.base, 'static/out.txt'));
    symlinkSync('../safe/inside.txt', path.join(this.base, 'static/safe.txt'));
    execFileSync('mkfifo', [path.join(this.base, 'static/fifo')]);
    this.write('mime.types', 'text/css css\ntext/plain txt\ntext/html html\ntext/javascript js\n');
  }

  write(name: string, content: string | Buffer): void {
    const file = path.join(this.base, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, content);
    utimesSync(file, MODIFIED, MODIFIED);
  }

  /** Sends one request through a handler with the given options; the mime types are those of the site. */
  ask(options: StaticOptions, request: FakeRequest): Outcome {
    const lines: string[] = [];
    const given = { 'mime-file': [path.join(this.base, 'mime.types')], ...options };
    const files = createStaticFiles(given, this.base, (line) => lines.push(line)) ?? assert.fail('no handler');
    const exchange = new FakeExchange(request);
    return { handled: files.handler.handle(exchange), exchange, lines };
  }

  remove(): void {
    rmSync(this.base, { recursive: true });
  }
}
