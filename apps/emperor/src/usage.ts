import { COMMANDS } from './commands.ts';

/** Where what a command does begins, in a terminal of 80 columns. */
const HELP_COLUMN = 29;
const WIDTH = 80;

/** What `--help` prints. The options of the vassals are explained by `vassal --help`. */
export function usage(): string {
  const commands = COMMANDS.flatMap(({ name, form, help }) => commandLines(`  ${name} ${form}`, help));
  return `Usage: emperor [OPTION]... [PATTERN|DIRECTORY]...
       emperor COMMAND [NAME]...

Runs every matching file (.ini .yml .yaml .json .js .xml) as a vassal: starts it
when it appears, reloads it when it changes, stops it when it goes, starts it
again, later each time, when it dies.

  emperor --glob "/srv/www/*/uwsgi.ini" --metrics 127.0.0.1:9117
  emperor /etc/vassals

Commands
${commands.join('\n')}
  A NAME is that of the file below what is watched, or a part that only one has.
  --runtime-dir DIR names another emperor than the usual one. The exit status is
  0 when it is done, 1 when it could not be, 2 when the command is misspelt.

What to watch
  --glob PATTERN             files that match; quote it, or the shell expands it
  --emperor PATTERN|DIR      the same, as uWSGI calls it; both may be repeated
  --emperor-freq SECONDS     pause between scans (3); changes are seen at once
  --emperor-nofollow         the time of a symbolic link counts, not the file's
  --emperor-extra-extension EXT       take files with this extension, too

When to run it
  --emperor-on-demand-extension EXT   at the first connection to the address in
                                      the file NAME.ini + EXT
  --emperor-on-demand-directory DIR   ... to DIR/NAME.socket
  --emperor-on-demand-exec COMMAND    ... to what COMMAND NAME prints
  --emperor-hold-directory DIR        at once, but listen at DIR/NAME.socket for
                                      it: while it is replaced, clients wait

A file has wishes of its own in a section [emperor], which vassals do not read
  on-demand = ADDRESS        listen there, start it at the first connection
  idle = SECONDS             one on demand: stop it when nobody asks for so long
  hold = ADDRESS             listen there, whether it runs or not: no connection
                             is refused while it is replaced
  after = NAME...            start it when those are up, stop it before them
  limit-memory = 256m        what all its processes together may use, as also
                             limit-cpu = 150 (% of a core), limit-pids = 100

How to run it
  --emperor-wrapper COMMAND  run vassals with it: "uwsgi --plugin python3,http"
  --vassals-include FILE     insert FILE after the options of every vassal
  --vassal-set NAME=VALUE    set an option in every vassal
  --emperor-tyrant           run each vassal as the owner of its file, none of
                             root's; needs root
  --emperor-tyrant-nofollow  as the owner of the link to it
  --vassals-limit-memory SIZE  memory of each vassal with all it starts; also
                             --vassals-limit-cpu PERCENT, --vassals-limit-pids N
                             (control groups must be the emperor's to write)
  --emperor-cap CAP,...      leave vassals no other capabilities
  --emperor-use-clone fs,... give them namespaces of their own
  --vassals-start-hook CMD   run CMD NAME in a vassal's process before it
  --vassals-stop-hook CMD    run CMD NAME after its end
  --emperor-throttle MS      wait after a first failure (200), doubled with each
  --emperor-max-throttle MS  longest wait (60000)
  --emperor-curse-tolerance S  time to stop, before a vassal is killed (30)
  --emperor-required-heartbeat S  longest silence of one with heartbeats (30)
  --die-with-emperor         vassals end when the emperor is killed; else they
                             go on, and the next emperor adopts them

Where to look
  --emperor-stats ADDRESS    serve uWSGI's JSON of vassals and blacklist
  --metrics HOST:PORT        serve /metrics (Prometheus), /status, /healthz
  --admin HOST:PORT          serve the admin API to those who have the token
  --admin-token-file FILE    the token; otherwise a new one at each start, in
                             the runtime directory
  --admin-writes             allow commands there, not only looking
  --dashboard                show the vassals there in the browser:
                             URL/login?token=TOKEN
  --runtime-dir DIR          of control sockets (/run/emperor), for one emperor
  --emperor-pidfile FILE     write the process id
  --welcome                  say where to look when the vassals are up

  --ini FILE                 read options from FILE
  --version, --help

Signals: SIGHUP reloads all vassals, SIGURG retries those that wait, SIGUSR1
logs how each one is, SIGUSR2 ends the emperor alone (its vassals go on, and
the next one adopts them), SIGTERM and SIGINT stop everything.
The log goes to stderr: readable lines on a terminal, one line of JSON per event
otherwise.
`;
}

/** A form and what it does, side by side where both fit into a line. */
function commandLines(form: string, help: string): string[] {
  const beside = form.padEnd(HELP_COLUMN) + help;
  const fits = form.length < HELP_COLUMN && beside.length <= WIDTH;
  return fits ? [beside] : [form, ' '.repeat(HELP_COLUMN) + help];
}
