import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { it } from 'node:test';
import path from 'node:path';
import { findUncommonOption } from './lazy-parts.ts';
import type { OptionDeclaration } from './option-kinds.ts';
import {
  allOptions,
  findOption,
  findOptionByLetter,
  OPTION_GROUPS,
  optionNames,
  type Options,
} from './option-table.ts';
import { FIXTURES } from './testing/real-uwsgi.ts';
import { UNCOMMON_GROUPS } from './uncommon-options.ts';

/** The names of issue 3 that most public files use. */
const EVERYDAY =
  `master processes workers module wsgi-file callable chdir vacuum socket uwsgi-socket protocol uid gid enable-threads threads
  chmod-socket chown-socket buffer-size harakiri harakiri-verbose die-on-term http http-socket http11-socket http-timeout http-keepalive
  http-auto-chunked http-auto-gzip max-requests max-worker-lifetime pidfile safe-pidfile single-interpreter env virtualenv home venv pyhome
  pythonpath python-path stats stats-http cheaper cheaper-initial cheaper-step cheaper-algo cheaper-overload cheaper-idle cheaper-busyness-max
  cheaper-rss-limit-soft cheap idle logto logto2 logger req-logger log-route log-format log-4xx log-5xx log-zero log-master log-maxsize
  log-backupname log-reopen log-x-forwarded-for log-encoder logdate logfile-chown disable-logging memory-report post-buffering limit-post
  limit-as need-app strict static-map static-index static-expires check-static static-gzip-all static-cache-paths honour-range offload-threads
  lazy lazy-apps reload-on-rss listen touch-reload touch-chain-reload touch-logreopen reload-mercy worker-reload-mercy py-autoreload procname
  procname-master procname-prefix procname-prefix-spaced auto-procname thunder-lock plugin plugins plugins-dir no-orphans ignore-sigpipe
  ignore-write-errors disable-write-exception socket-timeout attach-daemon smart-attach-daemon mount manage-script-name ini if-env if-not-env
  if-file endif print cron cron2 unique-cron spooler spooler-import spooler-processes spooler-frequency spooler-chdir cache2 route route-uri
  route-if route-if-not add-header vhost emperor master-fifo hook-master-start hook-post-fork subscribe-to http-subscription-server
  http-resubscribe http-stats-server gevent cgroup max-fd umask pyargv optimize flock show-config daemonize daemonize2 enable-metrics locks
  no-defer-accept py-call-osafterfork harakiri-graceful-timeout harakiri-graceful-signal`.split(/\s+/);

function argumentOf({ kind, omitted, takesValue }: OptionDeclaration): string {
  if (omitted !== undefined) return '?';
  return kind === 'flag' && takesValue !== true ? '!' : '';
}

it('the option table knows every name that the real uWSGI prints, with the values it takes on the command line', () => {
  // uWSGI reads these without a value, though they are numbers; nobody can be using them that way.
  const odd = /^(?:so|socket)-(?:send|write)-timeout$/;
  // Ours may also be written with a value, or may be left without one.
  const lenient = new Set(['help', 'usage', 'if-reload', 'if-not-reload', 'http-enable-proxy-protocol']);
  for (const line of readFileSync(path.join(FIXTURES, 'uwsgi-options.txt'), 'utf8').split('\n')) {
    const [, name = '', argument = '', , letter] = /^([\w-]+)([!?]?)( (.))?$/.exec(line) ?? [];
    if (name === '' || odd.test(name)) continue;
    const known = findOption(name, 'vassal');
    const uncommon = known === undefined ? findUncommonOption(name) : undefined;
    assert.ok(known ?? uncommon, `${name} is not known`);
    const ours =
      known === undefined
        ? { none: '!', optional: '?', required: '' }[uncommon?.argument ?? 'required']
        : argumentOf(known.declaration);
    if (!lenient.has(name)) assert.equal(ours, argument, name);
    if (known !== undefined && letter !== undefined && name !== 'uwsgi-socket')
      assert.equal(findOptionByLetter(letter)?.name, known.name, name);
  }
});

it('the option table knows what the installed uWSGI prints', (test) => {
  const { stdout, error } = spawnSync('uwsgi', ['--plugins', 'python3,http', '--help'], { encoding: 'utf8' });
  if (error !== undefined) {
    test.skip('uwsgi is not installed');
    return;
  }
  for (const [, name = ''] of stdout.matchAll(/^ {4}(?:-.\|)?--(\S+)/gm)) {
    assert.ok(findOption(name, 'vassal') ?? findUncommonOption(name), `${name} is not known`);
  }
});

it('the option table has the options that people use among those that work or are accepted', () => {
  for (const name of EVERYDAY) assert.ok(findOption(name, 'vassal'), name);
});

it('the option table has every name once', () => {
  const names = [...allOptions()].flatMap(({ name, declaration }) =>
    [name as string].concat(declaration.aliases ?? []),
  );
  const uncommon = UNCOMMON_GROUPS.flatMap((group) =>
    group.names.split(/\s+/).map((name) => name.replace(/[!?]$/, '')),
  );
  const all = [...names, ...uncommon];
  assert.deepEqual(
    all.filter((name, index) => all.indexOf(name) !== index),
    [],
  );
  assert.equal([...optionNames()].length, names.length);
});

it('the option table has a help text in one phrase for every option, and implies only options there are', () => {
  for (const { name, declaration } of allOptions()) {
    assert.ok(declaration.help.length > 5 && declaration.help.length < 110, name);
    assert.doesNotMatch(declaration.help, /\.$|\n/, name);
    for (const implied of declaration.implies ?? [])
      assert.equal(findOption(implied, 'vassal')?.declaration.kind, 'flag', name);
  }
  assert.equal(new Set(OPTION_GROUPS.map(([title]) => title)).size, OPTION_GROUPS.length);
});

it('the option table keeps our emperor options out of the way of custom variables', () => {
  assert.equal(findOption('metrics', 'vassal'), undefined);
  assert.equal(findOption('metrics', 'emperor')?.name, 'metrics');
});

it('the option table gives options their types', () => {
  const check = (
    options: Options,
  ): readonly [number, readonly string[], string | undefined, boolean, number | undefined, string] => [
    options.processes,
    options['http-socket'],
    options.module,
    options.master,
    options['chmod-socket'],
    options.protocol,
  ];
  assert.equal(typeof check, 'function');
});
