import type { Config } from '@emperor/config';
import { CONTROL_SOCKET_VARIABLE, type ControlReload } from '@emperor/protocol';

import { ControlSocket } from './control-socket.ts';
import { type Commands, Controls } from './controls.ts';
import { EmperorLink, outlivesEmperor } from './emperor-link.ts';
import type { HookHappening } from './hooks/hooks.ts';
import type { InstanceLog } from './instance-log.ts';
import type { InstanceViews } from './instance-views.ts';
import { statsSocket } from './listeners.ts';
import { openSocket } from './sockets.ts';
import { StatsServer } from './stats-server.ts';

/** What those outside can ask an instance, see of it, and cause in it. */
export interface LinkedInstance {
  readonly commands: Commands;
  readonly views: InstanceViews;
  readonly log: InstanceLog;
  /** Runs the hooks of what the emperor has done. */
  readonly happen: (happening: HookHappening) => void;
  /** How the last reload went; undefined when the instance ends. */
  readonly lastReload: () => ControlReload | undefined;
}

/** What connects an instance with those who watch and command it: its emperor, its control socket, fifos and touched files, the stats server. */
export class InstanceLinks {
  readonly #instance: LinkedInstance;
  #emperor: EmperorLink | undefined;
  #control: ControlSocket | undefined;
  #controls: Controls | undefined;
  #stats: StatsServer | undefined;

  constructor(instance: LinkedInstance) {
    this.#instance = instance;
  }

  /** Undefined when no emperor has started this process. */
  get emperor(): EmperorLink | undefined {
    return this.#emperor;
  }

  /** Takes the link over that the environment names. */
  connectToEmperor(): void {
    const { commands, log, happen } = this.#instance;
    this.#emperor = EmperorLink.fromEnvironment(
      process.env,
      {
        stop: () => {
          happen('emperor-stop');
          void commands.stop('drain');
        },
        reload: () => {
          happen('emperor-reload');
          void commands.reload();
        },
        lost: () => {
          this.#control?.emperorLost();
          log.line('lost connection with my emperor !!!');
          happen('emperor-lost');
          if (!outlivesEmperor(process.env)) void commands.stop('drain');
        },
      },
      log.dated,
    );
  }

  /** In the emperor's runtime directory, which is not open to whom this process is going to be. */
  openControlSocket(): void {
    const path = process.env[CONTROL_SOCKET_VARIABLE];
    if (path === undefined || path === '') return;
    const { commands, views, lastReload } = this.#instance;
    const control = new ControlSocket(path, {
      status: () => views.status(),
      statistics: () => views.statistics(),
      configuration: () => views.configuration(),
      reload: async () => {
        await commands.reload();
        return lastReload();
      },
      stop: () => void commands.stop('drain'),
      said: () => this.#emperor?.said ?? [],
    });
    this.#control = control;
    if (this.#emperor !== undefined) this.#emperor.onTold = (byte) => control.tell({ said: [byte] });
  }

  /** Those of a configuration, in place of those of the one before. */
  openControls(config: Config): void {
    const { commands, log } = this.#instance;
    this.#controls?.close();
    this.#controls = new Controls(config, commands, log);
  }

  /** What the controls have to say when the app is there. */
  tellOfControls(): void {
    this.#controls?.tell();
  }

  /** @throws StartError when the address cannot be had */
  async openStats(config: Config): Promise<void> {
    const { options } = config;
    const { views, log } = this.#instance;
    const request = await statsSocket(config, 'stats');
    if (request === undefined) return;
    const socket = openSocket(request);
    this.#stats = new StatsServer(socket, { http: options['stats-http'], minified: options['stats-minified'] }, () =>
      views.statistics(),
    );
    log.line(`*** Stats server enabled on ${request.name} fd: ${socket.descriptor} ***`);
  }

  /** `heartbeat`: tells the emperor that we are well, as often as it wants to know. */
  sendHeartbeats(seconds: number): void {
    const emperor = this.#emperor;
    if (emperor !== undefined && seconds > 0) setInterval(() => emperor.heartbeat(), seconds * 1000).unref();
  }

  /** Nobody can command the instance any more, apart from its emperor. */
  closeControls(): void {
    this.#controls?.close();
  }

  /** @param exitCode the last news; none of a start that has failed */
  close(exitCode?: number): void {
    if (exitCode !== undefined) this.#control?.tell({ ended: exitCode });
    this.#control?.close();
    this.#controls?.close();
    this.#stats?.close();
    this.#emperor?.close();
  }
}
