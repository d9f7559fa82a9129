import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { ask, HttpClient, request } from '../rig/http-client.ts';
import { Rig } from '../rig/rig.ts';
import { oursOnly } from '../rig/subject.ts';
import { startWsgi } from './start.ts';

/** What a client gets of it: a whole answer, or one that it can tell to be cut. */
type Outcome = readonly [status: number, body: string] | 'cut';

/** What an app does, what its client gets, and what the log says; the last ones spoil the log of their worker. */
const misdeeds: readonly (readonly [name: string, outcome: Outcome, log: RegExp | undefined])[] = [
  ['raises_before_headers', [500, 'Internal Server Error'], /^RuntimeError: before the headers$/],
  ['raises_after_headers', [500, 'Internal Server Error'], /^RuntimeError: after the headers$/],
  ['raises_in_mid_body', 'cut', /answer cut short: the app failed in mid-body \[GET \/raises_in_mid_body\]/],
  ['raises_in_close', [200, 'all of it'], /^RuntimeError: in close$/],
  ['interrupts', [500, 'Internal Server Error'], /^KeyboardInterrupt$/],
  ['recurses_without_end', [500, 'Internal Server Error'], /^RecursionError: /],
  ['yields_str', [500, 'Internal Server Error'], /^TypeError: the app produced str in its body where bytes are needed/],
  ['returns_none', [500, 'Internal Server Error'], /^TypeError: 'NoneType' object is not iterable$/],
  [
    'never_starts',
    [500, 'Internal Server Error'],
    /^AssertionError: the app produced a body before it called start_response$/,
  ],
  ['breaks_a_header', [500, 'Internal Server Error'], /^ValueError: a header value with a line break or NUL/],
  ['promises_more_than_it_sends', 'cut', /the app sent 5 bytes and had declared 10: connection cut/],
  [
    'sends_more_than_it_promises',
    [200, 'exact'],
    /the app sent \d+ bytes where its Content-Length allows \d+ more: the rest is dropped \[GET /,
  ],
  ['never_reads_its_body', [200, 'not read'], undefined],
  ['forks', [200, 'parent'], undefined],
  ['calls_sys_exit', [500, 'Internal Server Error'], /^SystemExit: 3$/],
  ['calls_os_exit', [500, 'Internal Server Error'], /^DAMN ! worker \d \(pid: \d+\) died :\( trying respawn/],
  [
    'crashes',
    [500, 'Internal Server Error'],
    /^DAMN ! worker \d \(pid: \d+\) died, killed by signal 11 :\( trying respawn/,
  ],
  ['eats_all_memory', [500, 'Internal Server Error'], /^MemoryError/],
  ['blocks_sigterm', [200, 'blocked'], undefined],
  ['floods_stderr', [200, 'flooded'], /^x{100}$/],
  ['closes_the_standard_descriptors', [200, 'closed'], undefined],
];

/** Twenty requests of others, which must not notice anything. */
async function others(port: number): Promise<void> {
  const answers = await Promise.all(Array.from({ length: 20 }, () => ask(port, 'GET /good')));
  assert.deepEqual(new Set(answers.map(({ status, body }) => `${status} ${body.toString()}`)), new Set(['200 good']));
}

async function commit(port: number, name: string, outcome: Outcome): Promise<void> {
  await using client = await HttpClient.connect(port);
  const reads = name !== 'never_reads_its_body';
  client.send(reads ? request(`GET /${name}`) : request(`POST /${name}`, {}, 'x'.repeat(1_000_000)));
  if (outcome === 'cut') {
    await assert.rejects(client.rest(), /ECONNRESET/);
    return;
  }
  const answer = await client.answer();
  assert.deepEqual([answer.status, answer.body.toString()], outcome);
}

test('an app that misbehaves gets its due, and nobody else does', oursOnly, async (t: TestContext) => {
  await using rig = Rig.open(t);
  const { vassal, port } = await startWsgi(rig, 'misbehaves', 'limit-as = 600');
  for (const [name, outcome, log] of misdeeds) {
    await t.test(name, async () => {
      await Promise.all([commit(port, name, outcome), others(port)]);
      if (log !== undefined) await vassal.waitForLog(log);
      await others(port);
    });
  }
});
