import { COMMANDS } from './commands.ts';

/** What `--help` prints. The options of the vassals are explained by `vassal --help`. */
export function usage(): string {
  const commands = COMMANDS.map(({ name, form, help }) => `  emperor ${name} ${form}\n${' '.repeat(32)}${help}`);
  return `Usage: emperor [OPTION]... [PATTERN|DIRECTORY]...
       emperor COMMAND [NAME]...

Runs every matching file (.ini .yml .yaml .json .js .xml) as a vassal: starts it when it appears, reloads it when it
changes, stops it when it goes, starts it again, later each time, when it dies.

  emperor --glob "/srv/www/*/uwsgi.ini" --metrics 127.0.0.1:9117
  emperor /etc/vassals

Commands
${commands.join('\n')}
  A NAME is that of the file below what is watched, or a part that only one has. --runtime-dir DIR names another emperor than
  the usual one. The exit status is 0 when all is done and well.

What to watch
  --glob PATTERN                files that match; quote it, or the shell expands it. May be repeated
  --emperor PATTERN|DIRECTORY   the same, as uWSGI calls it
  --emperor-freq SECONDS        pause between scans (3); changes are noticed at once all the same
  --emperor-nofollow            look at the time of a symbolic link, not of the file behind it
  --emperor-extra-extension EXT take files with this extension, too

When to run it
  --emperor-on-demand-extension EXT  at the first connection to the address in the file NAME.ini + EXT
  --emperor-on-demand-directory DIR  at the first connection to DIR/NAME.socket
  --emperor-on-demand-exec COMMAND   at the first connection to the address that COMMAND NAME prints
  --emperor-hold-directory DIR       at once, but listen at DIR/NAME.socket for it: while it is replaced, clients wait

A file has its own wishes in a section [emperor], which vassals do not read
  on-demand = ADDRESS           listen there, and start it at the first connection
  idle = SECONDS                one on demand: stop it when nobody has asked for so long
  hold = ADDRESS                listen there, whether it runs or not: no connection is refused while it is replaced
  after = NAME...               start it when those vassals are up, and stop it before them
  limit-memory = 256m  limit-cpu = 150  limit-pids = 100      what all its processes may use: bytes, % of a core, number

How to run it
  --emperor-wrapper COMMAND     run vassals with COMMAND, such as "uwsgi --plugin python3,http"
  --vassals-include FILE        insert FILE after the options of every vassal
  --vassal-set NAME=VALUE       set an option in every vassal
  --emperor-tyrant              run each vassal as the owner of its file; none of root. Needs root
  --emperor-tyrant-nofollow     as the owner of the link to it
  --vassals-limit-memory SIZE   memory of each vassal with all it starts; likewise --vassals-limit-cpu PERCENT and
                                --vassals-limit-pids NUMBER. Needs control groups that the emperor may write to
  --emperor-cap CAP,...         leave vassals no other capabilities; --emperor-use-clone fs,net,...: own namespaces
  --vassals-start-hook COMMAND  run COMMAND NAME in a vassal's process before it; --vassals-stop-hook: after its end
  --emperor-throttle MS         wait after a first failure (200), doubled with each further one
  --emperor-max-throttle MS     longest wait (60000)
  --emperor-curse-tolerance S   time a vassal has to stop before it is killed (30)
  --emperor-required-heartbeat S  longest silence of a vassal that sends heartbeats (30)
  --die-with-emperor            vassals end when the emperor is killed; else they go on, and the next emperor adopts them

Where to look
  --emperor-stats ADDRESS       serve uWSGI's JSON of vassals and blacklist
  --metrics HOST:PORT           serve /metrics (Prometheus), /status (JSON) and /healthz
  --admin HOST:PORT             serve the admin API on the loopback, for those who have the token
  --admin-token-file FILE       its token; otherwise a new one in the runtime directory at each start
  --admin-writes                allow commands there, not only looking
  --dashboard                   show the vassals there in the browser: open URL/login?token=TOKEN
  --runtime-dir DIR             directory of control sockets (/run/emperor); one emperor each
  --emperor-pidfile FILE        write the process id
  --welcome                     say where to look when the vassals are up

  --ini FILE                    read options from FILE
  --version, --help

Signals: SIGHUP reloads all vassals, SIGURG retries those that wait, SIGUSR1 logs how each one is, SIGUSR2 ends the
emperor alone (to be replaced: its vassals go on), SIGTERM and SIGINT stop everything.
The log goes to stderr: readable lines on a terminal, one line of JSON per event otherwise.
`;
}
