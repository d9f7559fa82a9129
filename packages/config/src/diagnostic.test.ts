import assert from 'node:assert/strict';
import { it } from 'node:test';
import { formatDiagnostic, sortDiagnostics } from './diagnostic.ts';

const origin = { source: 'uwsgi.ini', line: 4 };

it('formatDiagnostic shows the place, the line, a caret and the suggestion', () => {
  const text = formatDiagnostic({
    severity: 'error',
    origin,
    column: 1,
    sourceLine: 'offload-treads = 1',
    message: '[strict-mode] unknown config directive: offload-treads',
    suggestion: 'did you mean "offload-threads"?',
  });
  assert.equal(
    text,
    [
      'uwsgi.ini:4:1: error: [strict-mode] unknown config directive: offload-treads',
      '  offload-treads = 1',
      '  ^',
      '  did you mean "offload-threads"?',
    ].join('\n'),
  );
});

it('formatDiagnostic cuts a very long line round the caret', () => {
  const sourceLine = `${'a'.repeat(500_000)}!${'b'.repeat(500_000)}`;
  const [, shown = '', caret = ''] = formatDiagnostic({
    severity: 'error',
    origin,
    column: 500_001,
    sourceLine,
    message: 'x',
  }).split('\n');
  assert.ok(shown.length < 200);
  assert.equal(shown[caret.indexOf('^')], '!');
});

it('formatDiagnostic lets no control character reach the terminal, and keeps the caret in place', () => {
  const text = formatDiagnostic({
    severity: 'warning',
    origin,
    column: 6,
    sourceLine: 'a\u001B[2J\tb',
    message: 'bell \u0007',
  });
  // oxlint-disable-next-line no-control-regex -- these must not be there
  assert.doesNotMatch(text.replaceAll('\n', ''), /[\u0000-\u001F]/);
  assert.equal(text.split('\n')[2], '       ^');
});

it('formatDiagnostic leaves out what is not known', () => {
  assert.equal(formatDiagnostic({ severity: 'error', message: 'x' }), 'error: x');
  assert.equal(
    formatDiagnostic({ severity: 'error', message: 'x', origin: { source: '<command line>', line: 0 } }),
    '<command line>: error: x',
  );
});

it('sortDiagnostics keeps the sources in their order and sorts the lines of each', () => {
  const at = (source: string, line: number) => ({ severity: 'error' as const, message: '', origin: { source, line } });
  const sorted = sortDiagnostics([at('b', 9), at('a', 5), at('b', 2), at('a', 1)]);
  assert.deepEqual(
    sorted.map(({ origin: place }) => `${place?.source}${place?.line}`),
    ['b2', 'b9', 'a1', 'a5'],
  );
});
