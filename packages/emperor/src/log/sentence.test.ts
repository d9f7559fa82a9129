import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { EmperorEvent } from '../events.ts';
import { StructuredLog } from './structured-log.ts';
import { UwsgiLog } from './uwsgi-log.ts';

const DIED: EmperorEvent = {
  type: 'vassal-exited',
  vassal: 'a.ini',
  pid: 7,
  exit: { kind: 'code', code: 1 },
  next: 'cursed',
  failures: 2,
  retryMs: 400,
};

function uwsgiLines(...events: EmperorEvent[]): string[] {
  const lines: string[] = [];
  const log = new UwsgiLog({ write: (text) => lines.push(text) });
  for (const event of events) log.write(event);
  return lines;
}

function structuredLines(forPeople: boolean, ...events: EmperorEvent[]): string {
  let text = '';
  const log = new StructuredLog({ write: (line) => void (text += line) }, forPeople);
  for (const event of events) log.write(event);
  return text;
}

const STAMP = /^(Sun|Mon|Tue|Wed|Thu|Fri|Sat) [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4} - /;

test('UwsgiLog writes what scripts wait for', () => {
  const lines = uwsgiLines(
    { type: 'emperor-started', patterns: ['*.ini'], pid: 1, isVassal: false },
    { type: 'vassal-spawned', vassal: 'a.ini', pid: 7 },
    { type: 'vassal-ready', vassal: 'a.ini', pid: 7, afterMs: 1 },
    { type: 'vassal-loyal', vassal: 'a.ini', pid: 7 },
    { type: 'vassal-reloading', vassal: 'a.ini', pid: 7 },
    { type: 'vassal-stopping', vassal: 'a.ini', pid: 7 },
    { type: 'vassal-removed', vassal: 'a.ini' },
    { type: 'emperor-stopping', reason: 'SIGINT' },
    { type: 'emperor-stopped' },
  );
  assert.deepEqual(
    lines.map((line) => line.replace(STAMP, '<time> - ')),
    [
      '*** starting uWSGI Emperor ***\n',
      '<time> - [emperor] vassal a.ini has been spawned\n',
      '<time> - [emperor] vassal a.ini is ready to accept requests\n',
      '<time> - [emperor] vassal a.ini is now loyal\n',
      '<time> - [emperor] reload the uwsgi instance a.ini\n',
      '<time> - [emperor] stop the uwsgi instance a.ini\n',
      '<time> - [emperor] removed uwsgi instance a.ini\n',
      '[emperor] *** RAGNAROK EVOKED ***\n',
      '<time> - The Emperor is buried.\n',
    ],
  );
});

test('UwsgiLog says of a death what uWSGI says, and what follows', () => {
  assert.deepEqual(
    uwsgiLines(DIED).map((line) => line.replace(STAMP, '')),
    [
      '[emperor] curse the uwsgi instance a.ini (pid: 7)\n',
      '[emperor] removed uwsgi instance a.ini\n',
      '[emperor] vassal a.ini ended: exit status 1; next try in 0.4 s (failure 2 in a row)\n',
    ],
  );
});

test('StructuredLog writes one line of JSON per event', () => {
  const { time, ...rest } = JSON.parse(structuredLines(false, DIED));
  assert.ok(!Number.isNaN(Date.parse(time)));
  assert.deepEqual(rest, {
    level: 50,
    event: 'vassal-exited',
    vassal: 'a.ini',
    pid: 7,
    exit: 'exit status 1',
    next: 'cursed',
    failures: 2,
    retryMs: 400,
    msg: '[emperor] curse the uwsgi instance a.ini (pid: 7): vassal a.ini ended: exit status 1; next try in 0.4 s (failure 2 in a row)',
  });
});

test('StructuredLog attributes what a vassal writes', () => {
  const output: EmperorEvent = { type: 'vassal-output', vassal: 'a.ini', stream: 'stderr', line: 'Traceback' };
  const { msg, vassal, stream } = JSON.parse(structuredLines(false, output));
  assert.deepEqual([msg, vassal, stream], ['Traceback', 'a.ini', 'stderr']);
  assert.match(structuredLines(true, output), /a\.ini \| Traceback/);
});
