import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { formatDiagnostic } from './diagnostic.ts';
import type { LoadResult } from './load.ts';
import { ConfigDirectory, loadText, summarize } from './testing/load-text.ts';

/** A load that ends with a configuration or with a reason for having none, and says nothing unbounded. */
function assertAnswered({ config, diagnostics, exitCode }: LoadResult): void {
  assert.ok(config !== undefined || exitCode !== undefined || diagnostics.some(({ severity }) => severity === 'error'));
  assert.ok(diagnostics.length <= 1002);
  for (const diagnostic of diagnostics) assert.ok(formatDiagnostic(diagnostic).length < 4000);
}

const PIECES = [
  '[uwsgi] [ ] = = ; # % %( $( @( ) %d %% %(_) : processes cheaper module for for-times for-glob if-env if-exists else endif endfor end',
  'ini x.ini include set set-ph declare-option print strict true 3 -1 99999999999 a + / \u0000 é',
].flatMap((pieces) => pieces.split(' '));
PIECES.push('\n', '\n', '\n', ' = ', ' ', '\t', '\r', 'a b');

describe('loadConfig on hostile input', () => {
  it('answers any bytes', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 300 }),
        fc.constantFrom('', '[uwsgi]\n', '\u{FEFF}[uwsgi]\r\n'),
        (bytes, start) => {
          assertAnswered(loadText(Buffer.concat([Buffer.from(start), bytes])));
        },
      ),
      { numRuns: 150 },
    );
  });

  it('answers any mixture of the things that mean something', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...PIECES), { maxLength: 80 }), (pieces) => {
        assertAnswered(loadText(`[uwsgi]\n${pieces.join('')}`));
      }),
      { numRuns: 300 },
    );
  });

  it('answers any bytes as YAML, JSON and XML', () => {
    using directory = new ConfigDirectory();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.constantFrom('yml', 'json', 'xml'), (bytes, extension) => {
        directory.write(`x.${extension}`, Buffer.from(bytes));
        assertAnswered(directory.load([`x.${extension}`]));
      }),
      { numRuns: 100 },
    );
  });

  it('reads lines of a megabyte', () => {
    const { config } = loadText(
      `[uwsgi]\nenv = A=${'x'.repeat(1_000_000)}\n${'y'.repeat(1_000_000)} = 1\n# ${'z'.repeat(1_000_000)}\n`,
    );
    assert.equal(config?.options.env[0]?.length, 1_000_002);
  });

  it('reads a hundred thousand entries', () => {
    const { config } = loadText(`[uwsgi]\n${'env = A=1\n'.repeat(100_000)}`);
    assert.equal(config?.options.env.length, 100_000);
  });

  it('bounds what it says about a hundred thousand unknown names', () => {
    const lines = Array.from({ length: 100_000 }, (_, index) => `nosuchthing${index} = 1`);
    const { diagnostics } = loadText(`[uwsgi]\n${lines.join('\n')}\n`);
    assert.equal(diagnostics.length, 501);
    assert.match(diagnostics.at(-1)?.message ?? '', /more than 500 warnings/);
  });

  it('notices files that include each other', () => {
    using directory = new ConfigDirectory({
      'a.ini': '[uwsgi]\nini = b.ini\n',
      'b.ini': '[uwsgi]\ninclude = ./a.ini\n',
      'c.ini': '[uwsgi]\nini = :x\n[x]\nini = :x\n',
    });
    assert.deepEqual(summarize(directory.load(['a.ini'])), [
      'error 2:11 the file includes itself: a.ini -> b.ini -> ./a.ini',
    ]);
    assert.deepEqual(summarize(directory.load(['c.ini'])), ['error 4:7 the file includes itself: c.ini -> c.ini']);
  });

  it('names the limit that a bomb of files runs into', () => {
    using directory = new ConfigDirectory({ 'x.ini': '[uwsgi]\nini = 0.ini\n' });
    for (let level = 0; level < 12; level += 1)
      directory.write(`${level}.ini`, `[uwsgi]\n${`ini = ${level + 1}.ini\n`.repeat(10)}`);
    directory.write('12.ini', '[uwsgi]\nenv = A\n');
    assert.match(summarize(directory.load(['x.ini'])).join('\n'), /more than 1000 files/);
  });

  it('names the limit that a bomb of loops runs into', () => {
    assert.match(
      summarize(loadText('[uwsgi]\nfor-times = 999999999\nenv = A=%(_)\nendfor =\n')).join('\n'),
      /more than 250000 options/,
    );
    const nested =
      '[uwsgi]\nfor-times = 100000\nfor-times = 100000\nif-env = NOPE\nx = 1\nendif =\nendfor =\nendfor =\n';
    assert.match(summarize(loadText(nested)).join('\n'), /more than 1000000 lines/);
    const long = `[uwsgi]\nfor-times = 100000\nenv = ${'x'.repeat(100_000)}\nendfor =\n`;
    assert.match(summarize(loadText(long)).join('\n'), /characters in all values/);
  });

  it('names the limit that a bomb of placeholders runs into', () => {
    const doubling = Array.from({ length: 40 }, (_, index) => `a${index} = %(a${index + 1})%(a${index + 1})`);
    assert.match(
      summarize(loadText(`[uwsgi]\n${doubling.join('\n')}\na40 = laughter\n`)).join('\n'),
      /characters after expansion/,
    );
    const many = `[uwsgi]\nbig = ${'x'.repeat(1_000_000)}\n${'env = %(big)\n'.repeat(1000)}`;
    assert.match(summarize(loadText(many)).join('\n'), /all values together/);
  });

  it('notices placeholders that lead back to themselves, or on and on', () => {
    assert.match(summarize(loadText('[uwsgi]\na = %(b)\nb = %(a)\nenv = %(a)\n')).join('\n'), /leads back to itself/);
    const chain = Array.from({ length: 50_000 }, (_, index) => `a${index} = %(a${index + 1})`);
    assert.match(summarize(loadText(`[uwsgi]\n${chain.join('\n')}\n`)).join('\n'), /more than 200 deep/);
  });

  it('notices declared options that lead to each other', () => {
    const text = '[uwsgi]\ndeclare-option = a=b=1\ndeclare-option = b=a=1;a=1\na = 1\n';
    assert.match(summarize(loadText(text)).join('\n'), /more than 64 deep/);
  });

  it('is not slowed down by text that is almost something', () => {
    const started = process.cpuUsage();
    for (const piece of ['$(', '@(', '%(', ' ', '\t;', ' #', '%', '"', '[', '<', '{{', "'"]) {
      assertAnswered(loadText(`[uwsgi]\nmodule = a${piece.repeat(300_000)}b\n`));
    }
    using directory = new ConfigDirectory();
    for (const piece of ['"', "'", ' ', ': ', '[', '- ', '\\', '#', ',']) {
      directory.write('x.yml', `uwsgi:\n  a: ${piece.repeat(200_000)}\n  ${piece.repeat(200_000)}x\n`);
      assertAnswered(directory.load(['x.yml']));
      directory.write('x.json', `{"uwsgi": {"a": ${piece.repeat(200_000)}`);
      assertAnswered(directory.load(['x.json']));
      directory.write('x.xml', `<uwsgi><a ${piece.repeat(200_000)}`);
      assertAnswered(directory.load(['x.xml']));
    }
    // Seconds would mean that something grows with the square of the length.
    assert.ok(process.cpuUsage(started).user < 10_000_000, 'took too long');
  });

  it('says what is wrong with bytes that are no text', () => {
    assert.match(
      summarize(loadText(Buffer.from('[uwsgi]\nmodule = a\u0000b\n'))).join('\n'),
      /error 2:10 module: .*NUL/,
    );
    assert.match(
      summarize(loadText(Buffer.from('[uwsgi]\nmodule = caf\u00e9\n', 'latin1'))).join('\n'),
      /error 2:10 module: .*UTF-8/,
    );
    assert.deepEqual(summarize(loadText(Buffer.from('[uwsgi]\n# caf\u00e9\nmodule = a\n', 'latin1'))), []);
    assert.match(summarize(loadText(Buffer.from('\uFEFF[uwsgi]\n', 'utf16le'))).join('\n'), /UTF-16/);
  });

  it('refuses what is no file, too large, or a pipe that stays empty', () => {
    using directory = new ConfigDirectory({ 'large.ini': Buffer.alloc(17 * 1024 * 1024, 'x') });
    execFileSync('mkfifo', [path.join(directory.path, 'pipe.ini')]);
    for (const [file, reason] of [
      ['large.ini', /larger than 16 MiB/],
      ['pipe.ini', /nobody writes to it/],
      ['/dev/zero', /unable to load configuration/],
      ['nosuch/x.ini', /No such file or directory/],
    ] as const) {
      assert.match(summarize(directory.load([file])).join('\n'), reason, file);
    }
    assert.match(summarize(directory.load(['--ini', '/dev/zero'])).join('\n'), /it is a device/);
  });
});
