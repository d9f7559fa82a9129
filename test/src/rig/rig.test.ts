import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';

import { Rig, type RigOwner } from './rig.ts';

/** Runs `use` in a rig as a test would, and tells what the rig thought of it. */
async function judge(
  use: (rig: Rig) => Promise<void>,
  options?: { mayLeave: RegExp },
): Promise<{ problem: unknown; kept: boolean; said: string }> {
  const said: string[] = [];
  const reports: (() => void)[] = [];
  const owner = {
    passed: false,
    after: (report: () => void) => void reports.push(report),
    diagnostic: (text: string) => void said.push(text),
  };
  let directory = '';
  let problem: unknown;
  try {
    await using rig = Rig.open(owner satisfies RigOwner, options);
    directory = rig.directory;
    await use(rig);
  } catch (error) {
    problem = error;
  }
  owner.passed = problem === undefined;
  for (const report of reports) report();
  const kept = existsSync(directory);
  if (kept) {
    owner.passed = true;
    for (const report of reports) report();
  }
  return { problem, kept, said: said.join('\n') };
}

test('a rig ends what was started in it, and removes its directory', async () => {
  let pid = 0;
  const { problem, kept } = await judge(async (rig) => {
    const program = await rig.start(['sh', '-c', 'trap "exit 0" INT; echo ready; while :; do sleep 0.01; done']);
    await program.waitForLog(/^ready$/);
    pid = program.pid;
  });
  assert.equal(problem, undefined);
  assert.equal(kept, false);
  assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
});

test('a rig fails a test that leaves a process, even one that hides in a session of its own', async () => {
  const { problem, kept, said } = await judge(async (rig) => {
    const program = await rig.start(['sh', '-c', 'setsid sleep 60 >/dev/null 2>&1 & echo started']);
    await program.waitForExit();
  });
  assert.match(String(problem), /left running: \d+ sleep 60/);
  assert.equal(kept, true);
  assert.match(said, /kept for a look: [^]*\| started/);
});

test('a rig fails a test that leaves a socket or a temporary file', async () => {
  const leave = async (rig: Rig): Promise<void> => {
    const code =
      "import os, socket; socket.socket(socket.AF_UNIX).bind('s.sock'); open(os.environ['TMPDIR'] + '/t', 'w')";
    await (await rig.start(['python3', '-c', code])).waitForExit();
  };
  assert.match(String((await judge(leave)).problem), /left behind in \S+: (s\.sock tmp\/t|tmp\/t s\.sock)$/);
  assert.equal((await judge(leave, { mayLeave: /^(s\.sock|tmp\/t)$/ })).problem, undefined);
});

test('a rig fails a test whose program does not stop in order', async () => {
  const { problem } = await judge(async (rig) => {
    const program = await rig.start(['sh', '-c', 'trap "exit 3" INT; echo ready; while :; do sleep 0.01; done']);
    await program.waitForLog(/^ready$/);
  });
  assert.match(String(problem), /was asked to stop, and ended with 3/);
});

test('a rig says what is wrong with a command that cannot be started', async () => {
  const { problem } = await judge(async (rig) => void (await rig.start(['/no/such/program'])));
  assert.match(String(problem), /\/no\/such\/program ENOENT/);
});
