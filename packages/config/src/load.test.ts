import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatDiagnostic } from './diagnostic.ts';
import { showConfig } from './show-config.ts';
import { ConfigDirectory, configOf, loadText, problemsOf, summarize } from './testing/load-text.ts';

describe('loadConfig', () => {
  it('types the options of the tutorial, defaults filled in', () => {
    const { options } = configOf(
      'strict = true\nmaster = true\nhttp = :8000\nhttp-keepalive = true\nprocesses = 4\ncheaper = 1\nthreads = 2\npythonpath = code/\nmodule = app',
    );
    assert.equal(options['http-keepalive'], 1);
    assert.deepEqual([options.processes, options.cheaper, options.threads, options['enable-threads']], [4, 1, 2, true]);
    assert.deepEqual([options.http, options.pythonpath, options.module], [[':8000'], ['code/'], 'app']);
    assert.deepEqual(
      [options['buffer-size'], options.harakiri, options.socket, options['wsgi-file']],
      [4096, 0, [], undefined],
    );
  });

  it('refuses a misspelt option under strict, with its place and the right name', () => {
    const { config, diagnostics } = loadText('[uwsgi]\nstrict = true\n\noffload-treads = 1\n');
    assert.equal(config, undefined);
    assert.deepEqual(diagnostics.map(formatDiagnostic), [
      [
        'x.ini:4:1: error: [strict-mode] unknown config directive: offload-treads',
        '  offload-treads = 1',
        '  ^',
        '  did you mean "offload-threads"?',
      ].join('\n'),
    ]);
  });

  it('lets strict count for lines before it and for inserted files', () => {
    using directory = new ConfigDirectory({
      'x.ini': '[uwsgi]\nfoo = 1\nini = y.ini\nstrict = true\n',
      'y.ini': '[uwsgi]\nbar = 1\n',
    });
    assert.deepEqual(summarize(directory.load(['x.ini'])), [
      'error 2:1 [strict-mode] unknown config directive: foo',
      'error 2:1 [strict-mode] unknown config directive: bar',
    ]);
  });

  it('takes an unknown option for a variable otherwise, and warns when nothing uses it', () => {
    const { config, diagnostics } = loadText('[uwsgi]\nname = shop\nmodule = %(name).wsgi\nvaccum = true\n');
    assert.equal(config?.options.module, 'shop.wsgi');
    assert.deepEqual(
      [...(config?.variables ?? [])],
      [
        ['name', 'shop'],
        ['vaccum', 'true'],
      ],
    );
    assert.deepEqual(
      diagnostics.map(({ severity, suggestion }) => [severity, suggestion]),
      [['warning', 'did you mean "vacuum"?']],
    );
  });

  it('reports all problems at once, in the order of the lines', () => {
    assert.deepEqual(problemsOf('processes = four\nhttp-socket = :99999\ncheaper-step = 0\nchmod-socket'), [
      'error 2:13 processes: "four" is not a whole number',
      'error 3:15 http-socket: ":99999" has no port between 0 and 65535 behind the last colon',
      'error 4:16 cheaper-step: 0 is too small: expected 1 or more',
      'error 5:1 chmod-socket: invalid chmod value: ',
    ]);
  });

  it('takes options from the environment first, then from the command line, then from bare files', () => {
    using directory = new ConfigDirectory({ 'x.ini': '[uwsgi]\nthreads = 3\n' });
    const { config } = directory.load(['x.ini', '--processes=4', '--threads=9'], {
      environment: { UWSGI_PROCESSES: '2', UWSGI_LISTEN: '64' },
    });
    assert.deepEqual([config?.options.processes, config?.options.threads, config?.options.listen], [4, 3, 64]);
    assert.deepEqual(config?.originOf('listen'), { source: '<environment>', line: 0 });
    assert.deepEqual(config?.originOf('processes'), { source: '<command line>', line: 0 });
    assert.deepEqual(config?.originOf('threads'), { source: 'x.ini', line: 2 });
    assert.equal(config?.originOf('master'), undefined);
  });

  it('keeps the entries of several options in order across them', () => {
    const config = configOf(
      'route = ^/a last:\nroute-if = empty:${X} last:\nmodule = a\nroute = ^/b last:\nworkers = 2',
    );
    assert.deepEqual(
      config.entriesOf('route', 'route-if').map(({ key, origin }) => [key, origin.line]),
      [
        ['route', 2],
        ['route-if', 3],
        ['route', 5],
      ],
    );
    assert.deepEqual(
      config.entriesOf('processes').map(({ key, value }) => [key, value]),
      [['processes', '2']],
    );
  });

  it('names the files it read, and the lines to print', () => {
    using directory = new ConfigDirectory({
      'x.ini': '[uwsgi]\nini = sub/y.ini\nprint = hello %(a)\na = 1\niprint = now\n',
      'sub/y.ini': '[uwsgi]\nb = 1\n',
    });
    const { config } = directory.load(['x.ini']);
    assert.deepEqual(config?.files, [`${directory.path}/x.ini`, `${directory.path}/sub/y.ini`]);
    assert.deepEqual(config?.notices, [
      '[uWSGI] getting INI configuration from x.ini',
      '[uWSGI] getting INI configuration from sub/y.ini',
      'now',
      'hello 1',
    ]);
  });

  it('turns the master on for options that need it', () => {
    assert.equal(configOf('logger = file:x.log').options.master, true);
    assert.equal(configOf('logger = file:x.log\nmaster = false').options.master, false);
    assert.equal(configOf('harakiri = 3').options.master, false);
    assert.equal(configOf('lazy = true').options['lazy-apps'], true);
  });

  it('ends without an error where the configuration asks to exit', () => {
    const { config, diagnostics, exitCode } = loadText('[uwsgi]\nif-env = STOP\nexit = 3\nendif =\nmodule = %(x\n', {
      environment: { STOP: '1' },
    });
    assert.deepEqual([config, diagnostics, exitCode], [undefined, [], 3]);
    assert.equal(loadText('[uwsgi]\nexit\n').exitCode, 0);
  });

  it('accepts options without an effect in silence, warns of others, and refuses where it would be unsafe', () => {
    assert.deepEqual(problemsOf('thunder-lock = true\nplugin = python3\nskip-zero = true'), []);
    assert.deepEqual(problemsOf('strict = true\npsgi = app.pl\ngevent = 100'), [
      'warning 3:1 psgi is not supported: apps are written in Python: run Perl on a real uWSGI as a vassal',
      'warning 4:1 gevent has no effect here: workers run threads: N requests at a time need threads = N',
    ]);
    assert.match(
      problemsOf('cap = setgid')[0] ?? '',
      /^error 2:1 cap is not supported: the processes would run without this restriction/,
    );
  });

  it('shows its configuration as uWSGI does', () => {
    assert.match(
      showConfig(configOf('workers = 2')),
      /\n;uWSGI instance configuration\n\[uwsgi\]\nprocesses = 2\n;end of configuration\n/,
    );
  });

  it('reads an inserted section of the same file, and inherited files behind everything else', () => {
    using directory = new ConfigDirectory({
      'x.ini': '[uwsgi]\ninherit = t.ini\nini = :base\nprocesses = 2\nname = shop\n[base]\nthreads = 3\n',
      't.ini': '[uwsgi]\nprocesses = 5\nmodule = %(name)\n',
    });
    const { config } = directory.load(['x.ini']);
    assert.deepEqual([config?.options.threads, config?.options.processes, config?.options.module], [3, 5, 'shop']);
  });

  it('warns when the section is missing, and names those there are', () => {
    const { config, diagnostics } = loadText('[uswgi]\nmodule = a\n');
    assert.notEqual(config, undefined);
    assert.deepEqual(
      diagnostics.map(({ message, suggestion }) => [message, suggestion]),
      [['Can\'t find section "uwsgi" in INI configuration file x.ini', 'it has [uswgi]']],
    );
  });
});

describe('loadConfig on what is written around values', () => {
  it('warns of comments behind values, with what they do', () => {
    assert.deepEqual(
      problemsOf(
        'disable-logging = false ; no\nmodule = app # x\nprocesses = 4 ; four\nadd-header = A: b; c=d\nroute = ^/a; log:x # y',
      ),
      [
        'warning 2:19 disable-logging: "false ; no" counts as true: a comment behind a value is a part of the value, and anything but false, off, no and 0 counts as true',
        'warning 3:10 module: a comment behind a value is a part of the value, which is "app # x"',
        'warning 4:13 processes: this looks like a comment behind a value; only the leading digits count',
      ],
    );
  });

  it('warns of placeholders that stand for nothing, where they would be names', () => {
    assert.deepEqual(
      problemsOf('module = %(nothing).wsgi\nsocket = $(DIR)/x.sock\nlog-format = %%(uri)\nenv = A=$(X)'),
      [
        'warning 2:10 %(nothing) is left as written: nothing is called nothing',
        'warning 3:10 $(DIR) is left as written: the environment has no DIR',
      ],
    );
  });

  it('warns of a boolean where a number is expected', () => {
    const warnings = problemsOf(
      'threads = true\noffload-threads = on\npost-buffering = yes\nhttp = :0\nhttp-keepalive = true',
    );
    assert.deepEqual(
      warnings.map((line) => line.slice(0, 40)),
      [
        'warning 2:11 threads: "true" counts as 0',
        'warning 3:19 offload-threads: "on" count',
        'warning 4:18 post-buffering: "yes" count',
      ],
    );
  });

  it('warns of an option without an equals sign', () => {
    assert.deepEqual(problemsOf('vacuum\nmodule'), [
      'warning 2:1 vacuum has no "=" behind it: it counts as true, as in uWSGI',
      'warning 3:1 module has no "=" behind it: the value is empty, as in uWSGI',
    ]);
  });

  it('warns of two spellings of one option', () => {
    assert.deepEqual(problemsOf('processes = 2\nworkers = 4'), [
      'warning 3:1 workers and processes (line 2 of x.ini) are the same option: this one, the last, counts',
    ]);
    assert.deepEqual(problemsOf('pythonpath = a\npp = b\nenv = A=1\nenv = B=1'), []);
  });

  it('warns of merge conflicts and templates that were not filled in', () => {
    assert.deepEqual(
      problemsOf('<<<<<<< HEAD\nmodule = a\n=======\n>>>>>>> x\nprocname = {{ name }}\n{% if x %}').map((line) =>
        line.slice(0, 50),
      ),
      [
        'warning 2:1 this is the mark of a merge conflict, ',
        'warning 4:1 this is the mark of a merge conflict, ',
        'warning 5:1 this is the mark of a merge conflict, ',
        'warning 6:12 {{ … }} is a piece of a template that',
        'warning 7:1 {% … %} is a piece of a template that ',
      ],
    );
  });

  it('warns of root, of sockets for everybody, of ports without a colon, and of going to the background under a supervisor', () => {
    const warnings = problemsOf('uid = root\nchmod-socket = 666\nsocket = 8000\ndaemonize = x.log', {
      environment: { UWSGI_EMPEROR_FD: '3' },
    });
    assert.deepEqual(warnings, [
      'warning 2:7 the app runs as root',
      'warning 3:16 every user of this machine may connect to the socket with mode 666',
      'warning 4:10 socket = 8000 is a UNIX socket in a file named 8000, as in uWSGI',
      'warning 5:13 daemonize under an emperor: it would lose sight of an instance that goes to the background',
    ]);
    assert.deepEqual(problemsOf('daemonize = x.log'), []);
  });
});

describe('loadConfig on options that contradict each other', () => {
  it('refuses cheaper that is not below processes', () => {
    assert.deepEqual(problemsOf('processes = 4\ncheaper = 4'), [
      'error 3:11 invalid cheaper value: must be lower than processes: 4 is not below 4',
    ]);
    assert.deepEqual(problemsOf('cheaper = 1\nprocesses = 4'), []);
  });

  it('does not follow up an error with another one', () => {
    assert.deepEqual(problemsOf('processes = four\ncheaper = 3'), [
      'error 2:13 processes: "four" is not a whole number',
    ]);
  });

  it('refuses two listeners at one address', () => {
    assert.deepEqual(problemsOf('http-socket = :8000\nsocket = :8000\nstats = :8000'), [
      'error 2:15 http-socket and socket both want the address :8000',
      'error 4:9 stats and http-socket both want the address :8000',
    ]);
    assert.deepEqual(problemsOf('http-socket = :0\nsocket = :0'), []);
  });

  it('refuses a protocol it does not speak, but only where it is used', () => {
    assert.deepEqual(problemsOf('protocol = fastcgi'), []);
    assert.deepEqual(problemsOf('protocol = fastcgi\nsocket = :0'), [
      'error 2:12 socket cannot speak the protocol "fastcgi"',
    ]);
    assert.deepEqual(problemsOf('protocol = http\nsocket = :0'), []);
  });

  it('warns of options of the router without a router, and of an app without workers', () => {
    assert.deepEqual(problemsOf('http-auto-gzip = true'), [
      'warning 2:18 http-auto-gzip has no effect: it belongs to the router, and there is no http or https option',
    ]);
    assert.deepEqual(problemsOf('processes = 0\nmodule = app'), [
      'warning 3:10 module names an app, but with processes = 0 there is nobody to run it',
    ]);
  });

  it('refuses an accept queue that the system does not allow, in the words of uWSGI', () => {
    assert.match(
      problemsOf('listen = 100000000')[0] ?? '',
      /^error 2:10 Listen queue size is greater than the system max net\.core\.somaxconn/,
    );
  });

  it('checks the cheaper options among themselves', () => {
    assert.deepEqual(problemsOf('processes = 4\ncheaper = 2\ncheaper-initial = 1'), [
      'warning 4:19 cheaper-initial is lower than cheaper (1 is below 2): the instance starts with 2',
    ]);
    assert.match(
      problemsOf('processes = 4\ncheaper = 2\ncheaper-initial = 9')[0] ?? '',
      /^error 4:19 invalid cheaper-initial value/,
    );
    assert.match(problemsOf('cheaper-busyness-min = 80\ncheaper-busyness-max = 60')[0] ?? '', /^error/);
  });
});

describe('loadConfig on logic', () => {
  it('lets blocks stand in blocks, with a warning that uWSGI does not', () => {
    const text =
      '[uwsgi]\nif-env = A\nif-env = B\nenv = both=%(_)\nelse =\nenv = a=%(_)\nendif =\nelse\nenv = none=1\nendif =\nlast = %(_)\n';
    const read = (environment: Record<string, string>) => {
      const { config } = loadText(text, { environment });
      return config?.options.env;
    };
    assert.deepEqual(read({ A: '1', B: '2' }), ['both=2']);
    assert.deepEqual(read({ A: '1' }), ['a=1']);
    assert.deepEqual(read({ B: '2' }), ['none=1']);
    assert.match(
      loadText(text, { environment: { A: '1' } }).diagnostics[0]?.message ?? '',
      /recursive logic in options is not supported/,
    );
  });

  it('runs a loop with blocks in it item by item', () => {
    using directory = new ConfigDirectory({
      'x.ini':
        '[uwsgi]\nfor = a b\nif-exists = %(_).txt\nenv = %(_)\nendif =\nfor-times = 2\nmule = %(_)\nendfor =\nendfor =\n',
      'b.txt': '',
    });
    const { config } = directory.load(['x.ini']);
    assert.deepEqual([config?.options.env, config?.options.mule], [['b.txt'], ['1', '2', '1', '2']]);
  });

  it('tells of blocks that are not closed, and of else without if', () => {
    assert.deepEqual(problemsOf('if-env = NOPE\nmodule = a'), [
      'warning 2:1 "if-env" is never closed by "endif": it rules every line up to the end',
    ]);
    assert.deepEqual(problemsOf('else ='), ['warning 2:1 "else" stands outside of any if block and is ignored']);
  });

  it('tells of conditions and loops that cannot be understood', () => {
    assert.match(problemsOf('if-hostname-match = (\nendif =')[0] ?? '', /^error 2:21 "\(" is not a regular expression/);
    assert.match(
      problemsOf('for-readline = nofile\nendfor =')[0] ?? '',
      /^error 2:16 cannot read ".*nofile": No such file or directory/,
    );
  });

  it('asks whether this is a reload', () => {
    const lines = '[uwsgi]\nif-reload =\nenv = again=1\nelse =\nenv = first=1\nendif =\n';
    assert.deepEqual(loadText(lines).config?.options.env, ['first=1']);
    assert.deepEqual(loadText(lines, { isReload: true }).config?.options.env, ['again=1']);
  });

  it('uses options that the configuration declares', () => {
    const { options } = configOf(
      'strict = true\ndeclare-option = limits=harakiri=$1;env=L_$1=$2;env=M=[$3]\nlimits = 30 500',
    );
    assert.deepEqual([options.harakiri, options.env], [30, ['L_30=500', 'M=[]']]);
    assert.match(problemsOf('declare-option = bad')[0] ?? '', /^error 2:18 bad syntax of a declared option/);
    assert.match(problemsOf('set = threads')[0] ?? '', /^error 2:7 invalid placeholder\/--set value/);
  });
});

describe('loadConfig on values from outside', () => {
  it('drops the blanks that an empty magic variable leaves at the edge of a value, as uWSGI does', () => {
    assert.deepEqual(configOf('env = A=b %x\nmodule = %x app').options.env, ['A=b']);
    assert.equal(configOf('module = %x app').options.module, 'app');
  });

  it('takes the environment with a default where it is missing', () => {
    assert.deepEqual(configOf('env = A=$(PORT:80)/$(HOST:)/$(NOPE)', { environment: { PORT: '9' } }).options.env, [
      'A=9//$(NOPE)',
    ]);
  });

  it('takes the content of files, and the output of commands', () => {
    using directory = new ConfigDirectory({
      'x.ini': '[uwsgi]\nenv = S=@(secret)\nenv = F=@(file://secret)\nenv = E=@(exec://echo hi)\n',
      secret: 'abc\n',
    });
    assert.deepEqual(directory.load(['x.ini']).config?.options.env, ['S=abc', 'F=abc', 'E=hi']);
  });

  it('tells of files and commands that fail', () => {
    using directory = new ConfigDirectory({
      'x.ini':
        '[uwsgi]\nenv = @(nofile)\nenv = @(exec://exit 3)\nenv = @(ftp://x/y)\nini = ftp://x/y.ini\nini =\ninclude = x.conf\nini = .\n',
    });
    const problems = summarize(directory.load(['x.ini'])).map((line) => line.replaceAll(directory.path, '{DIR}'));
    assert.deepEqual(problems, [
      'error 2:7 cannot read "{DIR}/nofile": No such file or directory',
      'error 3:7 the command "exit 3" failed: Command failed: /bin/sh -c exit 3',
      'error 4:7 cannot read "ftp://x/y": this kind of source is not supported',
      'error 5:7 cannot read "ftp://x/y.ini": this kind of source is not supported',
      'error 6:6 expected the name of a file',
      'error 7:11 unable to load configuration from x.conf',
      'error 8:7 cannot read "{DIR}": it is a directory',
    ]);
  });

  it('tells of a missing file in the words that scripts look for', () => {
    assert.match(
      summarize(loadText('[uwsgi]\nini = nothere.ini\n')).join('\n'),
      /nothere\.ini.*No such file or directory/,
    );
  });
});
