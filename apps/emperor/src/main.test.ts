import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { Run } from './testing/run.ts';

const FIXTURES = fileURLToPath(new URL('../../../packages/emperor/fixtures/', import.meta.url));

let root: string;
const running = new Set<Run>();

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'emperor-main-')));
});

afterEach(async () => {
  for (const run of running) await run.stop('SIGKILL');
  running.clear();
  rmSync(root, { recursive: true, force: true });
});

/** An emperor that is ended with the test. */
function start(...args: string[]): Run {
  const run = new Run(root, ...args);
  running.add(run);
  return run;
}

function vassals(...names: string[]): void {
  for (const name of names) writeFileSync(join(root, name), '[uwsgi]\n');
}

function wrapped(fixture: string): string[] {
  return ['--emperor-wrapper', `${FIXTURES}${fixture}.sh`];
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test('emperor runs what the glob matches, and SIGTERM leaves nothing', async () => {
  vassals('a.ini', 'b.ini');
  const run = start('--glob', '*.ini', ...wrapped('well-behaved'));
  await run.until(() => run.lines.filter((line) => line.event === 'vassal-loyal').length === 2);
  const pids = run.lines.flatMap((line) => (line.event === 'vassal-launched' ? [line.pid ?? 0] : []));
  assert.equal(await run.stop('SIGTERM'), 0);
  assert.deepEqual(pids.filter(isAlive), []);
  assert.ok(!existsSync(join(root, 'run')));
  assert.match(run.lines.at(-1)?.msg ?? '', /The Emperor is buried\./);
});

test('emperor takes bare arguments for patterns and directories', async () => {
  vassals('a.ini', 'b.ini');
  const run = start(root, ...wrapped('well-behaved'));
  await run.until(() => run.lines.filter((line) => line.event === 'vassal-loyal').length === 2);
  assert.equal(await run.stop('SIGINT'), 0);
});

test('emperor reloads every vassal on SIGHUP', async () => {
  vassals('a.ini');
  const run = start('--glob', '*.ini', ...wrapped('well-behaved'));
  await run.event('vassal-loyal');
  run.process.kill('SIGHUP');
  await run.event('vassal-reloading');
  assert.equal(await run.stop('SIGQUIT'), 0);
});

test('emperor logs what a vassal writes under its name', async () => {
  vassals('a.ini');
  const run = start('--glob', '*.ini', ...wrapped('exits-at-once'));
  const line = await run.event('vassal-output');
  assert.deepEqual([line.vassal, line.msg], ['a.ini', 'no such module: nomod']);
  assert.equal(await run.stop('SIGTERM'), 0);
});

test('emperor that is killed takes a foreign vassal with it', async () => {
  vassals('a.ini');
  const run = start('--glob', '*.ini', ...wrapped('loses-its-heartbeat'));
  const { pid = 0 } = await run.event('vassal-ready');
  await run.stop('SIGKILL');
  const deadline = performance.now() + 10_000;
  while (isAlive(pid) && performance.now() < deadline) await new Promise(setImmediate);
  assert.ok(!isAlive(pid));
});

test('emperor serves metrics and status, and says in the welcome where', async () => {
  vassals('a.ini');
  const run = start('--glob', '*.ini', '--metrics', '127.0.0.1:0', '--welcome', ...wrapped('well-behaved'));
  const url = await run.until(() => /"url":"(http:[^"]+)"/.exec(run.text)?.[1]);
  await run.event('vassal-loyal');
  assert.match(await (await fetch(`${url}/metrics`)).text(), /^emperor_vassal_up\{vassal="a\.ini"\} 1$/m);
  const status = (await (await fetch(`${url}/status`)).json()) as { vassals: { name: string; state: string }[] };
  assert.deepEqual(
    status.vassals.map(({ name, state }) => [name, state]),
    [['a.ini', 'loyal']],
  );
  await run.stop('SIGTERM');
  assert.match(run.text, /The Emperor is up: 1 of 1 vassals are up\./);
  assert.ok(run.text.includes(`${url}/metrics`));
});

test('emperor exits with 1 and starts nothing when the port for metrics is taken', async () => {
  vassals('a.ini');
  const holder = createServer().listen(0, '127.0.0.1');
  await once(holder, 'listening');
  const { port } = holder.address() as AddressInfo;
  const run = start('--glob', '*.ini', '--metrics', `127.0.0.1:${port}`, ...wrapped('well-behaved'));
  assert.equal(await run.end(), 1);
  holder.close();
  assert.match(run.text, new RegExp(`could not serve metrics at 127\\.0\\.0\\.1:${port}`));
  assert.doesNotMatch(run.text, /vassal-launched|\n +at /);
});

/** Everything a server says to who just connects. */
async function said(address: string): Promise<string> {
  const separator = address.lastIndexOf(':');
  const socket = connect(Number(address.slice(separator + 1)), address.slice(0, separator)).setEncoding('utf8');
  let text = '';
  for await (const chunk of socket) text += String(chunk);
  return text;
}

const VASSAL_KEYS =
  'id pid born last_mod last_heartbeat loyal ready accepting last_loyal last_ready last_accepting first_run last_run cursed zerg on_demand uid gid monitor respawns';

test('emperor serves emperor-stats with the keys of uWSGI in its order', async () => {
  vassals('a.ini');
  const run = start(root, '--emperor-stats', '127.0.0.1:0', ...wrapped('well-behaved'));
  await run.event('vassal-loyal');
  const { address } = await run.event('stats-listening');
  const text = await said(address ?? '');
  const document = JSON.parse(text) as { emperor: string[]; cwd: string; vassals: Record<string, unknown>[] };
  assert.deepEqual(
    Object.keys(document).join(' '),
    'version pid uid gid cwd emperor emperor_tyrant throttle_level vassals blacklist',
  );
  assert.deepEqual([document.emperor, document.cwd], [[root], root]);
  const [vassal = {}] = document.vassals;
  assert.equal(Object.keys(vassal).join(' '), VASSAL_KEYS);
  const { id, loyal, ready, accepting, monitor, respawns, on_demand: onDemand } = vassal;
  assert.deepEqual([id, loyal, ready, accepting, monitor, respawns, onDemand], ['a.ini', 1, 1, 1, root, 0, '']);
  assert.ok(Math.abs(Number(vassal['last_loyal']) - Date.now() / 1000) < 30);
  assert.ok(text.startsWith('{\n\t"version":"'), text);
});

test('emperor lists in the blacklist of emperor-stats what keeps dying', async () => {
  vassals('a.ini');
  const run = start('--glob', '*.ini', '--emperor-stats', '127.0.0.1:0', ...wrapped('exits-at-once'));
  await run.until(() => run.lines.filter((line) => line.event === 'vassal-exited').length === 2);
  const { address } = await run.event('stats-listening');
  const { blacklist } = JSON.parse(await said(address ?? '')) as { blacklist: Record<string, number>[] };
  assert.equal(Object.keys(blacklist[0] ?? {}).join(' '), 'id throttle_level attempt first_attempt last_attempt');
  assert.deepEqual([blacklist[0]?.['id'], blacklist[0]?.['attempt']], ['a.ini', 1]);
});

test('emperor tells of its vassals on SIGUSR1, and forgives them on SIGURG', async () => {
  vassals('a.ini');
  const run = start('--glob', '*.ini', '--emperor-throttle', '60000', ...wrapped('exits-at-once'));
  await run.event('vassal-exited');
  run.process.kill('SIGUSR1');
  const { msg } = await run.event('vassal-statistics');
  assert.match(msg, /^vassal instance a\.ini \(last modified \d+\) status 0 loyal 0 zerg 0$/);
  run.process.kill('SIGURG');
  assert.equal((await run.event('failures-forgiven')).msg, '[emperor] cleaning up blacklist ...');
  await run.until(() => run.lines.filter((line) => line.event === 'vassal-exited').length === 2);
});

test('emperor gives vassals what vassals-include, vassal-set and their kin ask for, in the order of uWSGI', async () => {
  vassals('a.ini', 'b.conf');
  const run = start(
    ...'--glob *.{ini,conf} --emperor-extra-extension .conf --vassals-include after.ini'.split(' '),
    ...'--vassals-include-before before.ini --vassal-set processes=2 --vassals-inherit template.ini'.split(' '),
    ...wrapped('well-behaved'),
  );
  const started = await run.until(() => {
    const lines = run.lines.flatMap(({ msg }) => (msg.startsWith('started with ') ? [msg.slice(13)] : []));
    return lines.length === 2 && lines.toSorted();
  });
  assert.deepEqual(started, [
    '--include before.ini --set processes=2 --config b.conf --inherit template.ini --include after.ini',
    '--include before.ini --set processes=2 --ini a.ini --inherit template.ini --include after.ini',
  ]);
});

test('emperor takes the first wrapper that is there', async () => {
  vassals('a.ini');
  const run = start(
    ...'--glob *.ini --emperor-wrapper /no/such/wrapper --emperor-wrapper-override no-such-program'.split(' '),
    '--emperor-wrapper-fallback',
    `${FIXTURES}well-behaved.sh`,
  );
  await run.event('vassal-loyal');
  assert.equal(await run.stop('SIGTERM'), 0);
});

test('emperor refuses namespaces that there are not, before it starts anything', async () => {
  const run = start('--glob', '*.ini', '--emperor-use-clone', 'moon');
  assert.equal(await run.end(), 1);
  assert.match(run.text, /^emperor: emperor-use-clone = moon: there is no namespace "moon", only fs, /);
});

test('emperor does what hook-emperor-start says before it starts anything, and ends when that fails', async () => {
  vassals('a.ini');
  const hook = (text: string): string[] => ['--hook-emperor-start', text];
  const run = start('--glob', '*.ini', ...hook('mkdir:made'), ...hook('print:a line'), ...hook('rmdir:made/none'));
  assert.equal(await run.end(), 1);
  assert.ok(existsSync(join(root, 'made')));
  assert.deepEqual(
    run.lines.filter(({ event }) => event !== 'emperor-hook-started').map(({ msg }) => msg),
    ['a line'],
  );
  assert.match(run.text, /^emperor: the hook "rmdir:made\/none" of the start failed: ENOENT: .*made\/none/m);
});

test('emperor writes its pid file, and removes it', async () => {
  const pidFile = join(root, 'emperor.pid');
  const run = start('--glob', '*.ini', '--emperor-pidfile', pidFile);
  await run.event('emperor-started');
  assert.equal(readFileSync(pidFile, 'utf8'), `${run.process.pid}\n`);
  assert.equal(await run.stop('SIGTERM'), 0);
  assert.ok(!existsSync(pidFile));
});

test('emperor refuses a runtime directory that is in use, and names the holder', async () => {
  vassals('a.ini');
  const first = start('--glob', '*.ini', ...wrapped('well-behaved'));
  await first.event('vassal-loyal');
  const second = start('--glob', '*.ini', ...wrapped('well-behaved'));
  assert.equal(await second.end(), 1);
  assert.match(second.text, new RegExp(`the emperor with pid ${first.process.pid} is using it`));
  assert.equal(await first.stop('SIGTERM'), 0);
});

test('emperor with nothing to watch says what to do', async () => {
  const run = start();
  assert.equal(await run.end(), 1);
  assert.match(run.text, /^emperor: there is nothing to watch; .*--glob/);
});

test('emperor --help and --version print and exit with 0', async () => {
  const help = start('--help');
  assert.equal(await help.end(), 0);
  assert.match(help.text, /^Usage: emperor /);
  assert.deepEqual(
    help.text.split('\n').filter((line) => line.length > 80),
    [],
  );
  const version = start('--version');
  assert.equal(await version.end(), 0);
  assert.match(version.text, /^emperor \d+\.\d+\.\d+\n$/);
});

test('emperor with a misspelt option names it', async () => {
  const run = start('--glop', '*.ini');
  assert.equal(await run.end(), 1);
  assert.match(run.text, /--glop/);
});
