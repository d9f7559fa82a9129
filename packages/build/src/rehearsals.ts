import { join } from 'node:path';

import type { Rehearsal } from './code-cache.ts';

const APP = `def application(environ, start_response):
    start_response('200 OK', [('Content-Type', 'text/html')])
    return [b'Oolong']
`;

/** How each command is started most: by the name of its app. @param root of the repository */
export function rehearsals(root: string): Readonly<Record<string, Rehearsal>> {
  const launcher = (app: string): string => join(root, 'apps', app, 'bin', app);
  return {
    vassal: {
      launcher: launcher('vassal'),
      arguments: ['--ini', 'uwsgi.ini'],
      files: {
        'tea.py': APP,
        'uwsgi.ini': '[uwsgi]\nmaster = true\nhttp-socket = 127.0.0.1:0\nprocesses = 2\npythonpath = .\nmodule = tea\n',
      },
      started: 'spawned uWSGI worker 2 ',
    },
    // Its vassal is started from the bundle that was made before.
    emperor: {
      launcher: launcher('emperor'),
      arguments: ['--glob', '*.ini', '--runtime-dir', 'run'],
      files: { 'router.ini': '[uwsgi]\nhttp-socket = 127.0.0.1:0\nprocesses = 0\n' },
      started: 'is ready to accept requests',
    },
  };
}
