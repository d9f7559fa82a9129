/** Programs that live with the instance. */
export const DAEMONS = {
  'attach-daemon': {
    kind: 'list',
    implies: ['master'],
    help: 'run COMMAND beside the workers and restart it when it ends',
  },
  'attach-control-daemon': {
    kind: 'list',
    implies: ['master'],
    help: 'run COMMAND beside the workers; its end ends the instance',
  },
  'attach-daemon2': {
    kind: 'list',
    form: 'KEYS AND VALUES',
    implies: ['master'],
    help: 'run a command, cmd=,pidfile=,stopsignal=,touch=,…',
  },
  'smart-attach-daemon': {
    kind: 'list',
    implies: ['master'],
    help: 'run a program that goes to the background, PIDFILE COMMAND',
  },
  'smart-attach-daemon2': {
    kind: 'list',
    implies: ['master'],
    help: 'run a program in the background, PIDFILE COMMAND',
  },
  'daemons-honour-stdin': { kind: 'flag', help: 'let these programs read the standard input' },
  'honour-stdin': {
    kind: 'flag',
    accepted: 'the vassal keeps its standard input, and Python processes never read it',
    help: 'do not take /dev/null as standard input',
  },
} as const;
