import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { delimiter, join, relative } from 'node:path';

import type { Config } from '@emperor/config';

import { Admin } from './admin/admin.ts';
import { EmperorError } from './emperor-error.ts';
import { Emperor } from './emperor.ts';
import { EventFan } from './event-fan.ts';
import type { EmperorEventListener } from './events.ts';
import { performHook } from './hooks/hook-action.ts';
import { runCommand } from './hooks/run-command.ts';
import { VassalHooks } from './hooks/vassal-hooks.ts';
import { vassalLauncher, vassalsDirectory } from './launcher.ts';
import { ControlGroups } from './limits/control-groups.ts';
import { openLog, type LogStyle } from './log/open-log.ts';
import { Overlord } from './overlord.ts';
import { RuntimeDirectory, runtimeDirectoryPath } from './runtime-directory.ts';
import { emperorSettings, type EmperorSettings } from './settings.ts';
import { untilEndSignal, type EndKind, type EndRequest } from './end-signal.ts';
import type { UpgradeAnswer } from './admin/admin-api.ts';
import { SocketStore, type InheritedSocket } from './on-demand/socket-store.ts';
import { listenFds } from './systemd/listen-fds.ts';
import { Notifier } from './systemd/notifier.ts';
import { ServiceReporter } from './systemd/service-reporter.ts';
import { becomeAnew, handedSockets, upgradeObstacle, type OwnCommand } from './upgrade.ts';
import type { VassalCommand } from './vassal/vassal-command.ts';
import { inheritedEnvironment, type Environment } from './vassal/vassal-environment.ts';
import { untilStarted } from './until-started.ts';
import { type WelcomePlaces, welcomeText } from './welcome.ts';

/** What the program that becomes the emperor decides. */
export interface EmperorProgram {
  /** Runs a vassal, unless the configuration names a wrapper. */
  readonly vassalCommand: VassalCommand;
  /**
   * `uwsgi`: plain lines as uWSGI's emperor prints them, vassals write to the same place, and any number of emperors may run.
   * `structured`: pino, the vassals' lines captured, one emperor per runtime directory.
   */
  readonly logStyle: LogStyle;
  readonly environment: Environment;
  readonly workingDirectory: string;
  /** What takes over when it is upgraded; undefined: it cannot be. */
  readonly self?: OwnCommand;
}

/** Supervises until a signal asks to stop. Returns the exit status. */
export async function runEmperor(config: Config, program: EmperorProgram): Promise<number> {
  try {
    const successor = await supervise(emperorSettings(config), program);
    if (successor !== undefined) becomeAnew(successor.command, program.environment, successor.sockets);
    return 0;
  } catch (error) {
    if (!(error instanceof EmperorError)) throw error;
    process.stderr.write(`emperor: ${error.message}\n`);
    return 1;
  }
}

/** What is to take over in this process. */
interface Successor {
  readonly command: OwnCommand;
  readonly sockets: readonly InheritedSocket[];
}

async function supervise(settings: EmperorSettings, program: EmperorProgram): Promise<Successor | undefined> {
  if (settings.patterns.length === 0) {
    throw new EmperorError('there is nothing to watch; name the vassals, as in --glob "/srv/www/*/uwsgi.ini"');
  }
  let how: EndKind = 'stop';
  await using resources = new AsyncDisposableStack();
  const directory = resources.adopt(await takeDirectory(settings, program), (taken) =>
    how === 'stop' ? taken.release() : taken.leave(),
  );
  const { log, close } = openLog(program.logStyle);
  resources.defer(close);
  if (settings.processName !== undefined) process.title = settings.processName;
  if (settings.pidFile !== undefined) resources.defer(writePidFile(settings.pidFile));

  const events = new EventFan((event) => log.write(event));
  const { environment } = program;
  const notifier = Notifier.of(environment, process.pid);
  resources.defer(() => notifier?.close());
  const sockets = new SocketStore([...handedSockets(environment), ...listenFds(environment, process.pid)], notifier);
  const { places } = directory;
  if (settings.tyrant !== 'off') directory.letThrough();
  const controlSocket = (id: string): string => places.socketOf(id);
  // Of `vassal --emperor`, as of uWSGI's, nobody expects vassals to stay.
  const vassalsOutlive = program.logStyle === 'structured' && !settings.dieWithEmperor;
  const output = program.logStyle === 'uwsgi' ? 'inherit' : 'capture';
  const emperor = new Emperor(settings, {
    workingDirectory: program.workingDirectory,
    isVassal: program.environment['UWSGI_EMPEROR_FD'] !== undefined,
    parallelStarts: availableParallelism(),
    launch: vassalLauncher(settings, { ...program, output, vassalsOutlive, controlSocket }),
    places,
    sockets,
    groups: new ControlGroups(),
    hooks: new VassalHooks(settings.hooks, {
      environment: (file) => ({ ...inheritedEnvironment(program.environment), ...vassalsDirectory(file) }),
      output,
      report: (event) => events.tell(event),
    }),
    report: (event) => events.tell(event),
  });
  const upgradeRequest = Promise.withResolvers<EndRequest>();
  const admin = new Admin(emperor, {
    upgrade: () => upgrade(program.self, upgradeRequest.resolve),
    controlSocket,
    isTyrant: settings.tyrant !== 'off',
    events,
  });
  const overlord = Overlord.of(emperor, program.environment);
  resources.defer(() => overlord?.close());
  const asked = Promise.race([
    untilEndSignal(emperor),
    upgradeRequest.promise,
    ...(overlord === undefined ? [] : [overlord.stopped]),
  ]);
  const server = settings.metrics === undefined ? undefined : await admin.listen(settings.metrics);
  if (server !== undefined) resources.defer(() => server.close());

  const stats = settings.stats === undefined ? undefined : await admin.listenStats(settings.stats);
  if (stats !== undefined) resources.defer(() => stats.close());

  const site =
    settings.adminSite === undefined ? undefined : await admin.listenSite(settings.adminSite, directory.tokenFile);
  if (site !== undefined) resources.defer(() => site.close());

  const commands = await admin.listenCommands(directory.commandSocket);
  resources.defer(() => commands.close());

  const service = notifier === undefined ? undefined : new ServiceReporter(notifier, emperor);
  if (service !== undefined) events.listen((event) => service.note(event));
  resources.defer(() => service?.close());

  await runStartHooks(settings, program, (event) => events.tell(event));
  await emperor.start();
  service?.started();
  overlord?.announce();
  if (stats !== undefined)
    events.tell({ type: 'stats-listening', address: stats.address, descriptor: stats.descriptor });
  if (server !== undefined) events.tell({ type: 'metrics-listening', url: server.url });
  if (site !== undefined)
    events.tell({
      type: 'admin-listening',
      url: site.url,
      tokenFile: settings.adminSite?.tokenFile ?? directory.tokenFile,
    });
  if (settings.welcome)
    void welcome(emperor, events, admin, { metricsUrl: server?.url, command: commandName(program) });
  const request = await asked;
  how = request.how;
  // A service manager keeps what is held for vassals without a process, if it is told to.
  const hasSuccessor = how === 'upgrade' || notifier !== undefined;
  await (how === 'stop' ? emperor.stop(request.reason) : emperor.leave(request.reason, hasSuccessor));
  return how === 'upgrade' && program.self !== undefined ? { command: program.self, sockets: sockets.all } : undefined;
}

/** Takes the request of an operator for an upgrade; it is obeyed when the answer is on its way. */
async function upgrade(self: OwnCommand | undefined, request: (request: EndRequest) => void): Promise<UpgradeAnswer> {
  const problem = self === undefined ? 'an emperor inside of vassal cannot be upgraded' : await upgradeObstacle(self);
  if (problem !== undefined) return { problem };
  setTimeout(() => request({ reason: 'an upgrade', how: 'upgrade' }), ANSWER_MS);
  return {};
}

/** For the answer to an operator to leave before the connection ends. */
const ANSWER_MS = 100;

async function takeDirectory(settings: EmperorSettings, program: EmperorProgram): Promise<RuntimeDirectory> {
  const { runtimeDirectory } = settings;
  if (program.logStyle === 'uwsgi' && runtimeDirectory === undefined) return RuntimeDirectory.takeTemporary();
  return RuntimeDirectory.take(runtimeDirectoryPath(runtimeDirectory, program.environment, process.getuid?.() ?? 0));
}

/** Before any vassal is started; one that fails is the end of the emperor, as of uWSGI's. @throws EmperorError */
async function runStartHooks(
  { hooks }: EmperorSettings,
  { environment, workingDirectory }: EmperorProgram,
  report: EmperorEventListener,
): Promise<void> {
  const run = (command: string): Promise<number> =>
    runCommand({ words: ['/bin/sh', '-c', command], workingDirectory, environment, output: 'inherit' });
  const print = (line: string): void => report({ type: 'emperor-hook-said', line });
  for (const action of hooks.emperorStart) {
    report({ type: 'emperor-hook-started', command: action.text });
    const { code, problem = `the command exited with ${code}` } = await performHook(action, { run, print });
    if (code !== 0) throw new EmperorError(`the hook "${action.text}" of the start failed: ${problem}`);
  }
}

/** Returns what removes it again. */
function writePidFile(path: string): () => void {
  try {
    writeFileSync(path, `${process.pid}\n`);
  } catch (error) {
    throw new EmperorError(`could not write the pid file "${path}": ${(error as Error).message}`, { cause: error });
  }
  return () => rmSync(path, { force: true });
}

async function welcome(emperor: Emperor, events: EventFan, admin: Admin, places: WelcomePlaces): Promise<void> {
  if (!(await untilStarted(emperor, events))) return;
  process.stdout.write(welcomeText(await admin.statuses(), places));
}

/** `emperor` where a shell finds that, else the path of this program from here. */
function commandName({ self, environment, workingDirectory }: EmperorProgram): string {
  const name = 'emperor';
  const isFound = (environment['PATH'] ?? '').split(delimiter).some((directory) => existsSync(join(directory, name)));
  return isFound || self === undefined ? name : relative(workingDirectory, self.file);
}
