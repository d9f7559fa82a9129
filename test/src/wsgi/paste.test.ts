import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ask } from '../rig/http-client.ts';
import { Rig } from '../rig/rig.ts';
import { debianPython, needs } from '../run/parts.ts';

const APP = `
import logging

def factory(config, greeting):
    def application(environ, start_response):
        logging.info('asked for %s', environ['PATH_INFO'])
        start_response('200 OK', [])
        return [greeting.encode()]
    return application
`;

const CONFIGURATION = `
[uwsgi]
http-socket = 127.0.0.1:PORT
master = true
py-programname = ${debianPython}

[app:main]
use = call:app:factory
greeting = Hello from Paste

[app:other]
use = call:app:factory
greeting = Hello from the other one

[loggers]
keys = root

[handlers]
keys = console

[formatters]
keys = plain

[logger_root]
level = INFO
handlers = console

[handler_console]
class = StreamHandler
args = (sys.stderr,)
formatter = plain

[formatter_plain]
format = logged: %(message)s
`;

for (const [options, greeting, isLogged] of [
  [['--ini-paste-logged', 'site.ini'], 'Hello from Paste', true],
  [['--ini-paste', 'site.ini'], 'Hello from Paste', false],
  [['--ini', 'site.ini', '--paste', 'config:site.ini#other', '--paste-logger'], 'Hello from the other one', true],
] as const) {
  test(`${options.join(' ')} loads the app of a PasteDeploy file`, needs('paste'), async (t) => {
    await using rig = Rig.open(t);
    rig.write('app.py', APP);
    const port = await rig.port();
    rig.write('site.ini', CONFIGURATION.replace('PORT', String(port)));
    const vassal = await rig.vassal(options);
    await vassal.waitForLog(/^Loading paste environment: config:/);
    await vassal.waitForLog(/^spawned uWSGI worker 1 /);
    assert.equal((await ask(port, 'GET /page')).body.toString(), greeting);
    if (isLogged) await vassal.waitForLog(/^logged: asked for \/page$/);
  });
}
