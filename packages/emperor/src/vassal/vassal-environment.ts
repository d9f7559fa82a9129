import {
  CONTROL_SOCKET_VARIABLE,
  FILE_OWNER_VARIABLE,
  HELD_SOCKET_VARIABLE,
  OUTLIVES_VARIABLE,
} from '@emperor/protocol';

import { HANDED_SOCKETS_VARIABLE } from '../upgrade.ts';
import { EMPEROR_DESCRIPTOR } from './vassal-launch.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** What belongs to the emperor itself and would make a vassal believe it were one, or that systemd waited for it. */
const NOT_INHERITED: ReadonlySet<string> = new Set([
  'NOTIFY_SOCKET',
  'LISTEN_PID',
  'LISTEN_FDS',
  'LISTEN_FDNAMES',
  'WATCHDOG_USEC',
  'WATCHDOG_PID',
  HANDED_SOCKETS_VARIABLE,
  'UWSGI_RELOADS',
  'UWSGI_EMPEROR',
  'UWSGI_MASTER',
  CONTROL_SOCKET_VARIABLE,
  OUTLIVES_VARIABLE,
  HELD_SOCKET_VARIABLE,
  FILE_OWNER_VARIABLE,
]);

const FOR_VASSALS = 'UWSGI_VASSAL_';

/** The emperor's environment as its vassals get it: `UWSGI_VASSAL_X=v` becomes `UWSGI_X=v` (UWSGI-FACTS 13.2). */
export function inheritedEnvironment(environment: Environment): Environment {
  const inherited: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(environment)) {
    if (name.startsWith('UWSGI_EMPEROR_') || NOT_INHERITED.has(name) || name.startsWith(FOR_VASSALS)) continue;
    inherited[name] = value;
  }
  for (const [name, value] of Object.entries(environment)) {
    if (name.startsWith(FOR_VASSALS)) inherited[`UWSGI_${name.slice(FOR_VASSALS.length)}`] = value;
  }
  return inherited;
}

/** What one vassal is told beside that. */
export interface VassalFacts {
  /** Where a vassal of ours offers its control socket. */
  readonly controlSocket: string;
  /** The address of the listening socket that is its standard input. */
  readonly socketAddress: string | undefined;
  /** Whom the configuration file must belong to when it is opened: it could have been exchanged meanwhile. */
  readonly fileOwner: { readonly path: string; readonly uid: number } | undefined;
  /** It is to go on without the emperor. */
  readonly outlives: boolean;
}

/** The environment of one vassal: with the emperor socket, and what a vassal of ours has to know. */
export function vassalEnvironment(inherited: Environment, facts: VassalFacts): Environment {
  const { controlSocket, socketAddress, fileOwner, outlives } = facts;
  return {
    ...inherited,
    UWSGI_EMPEROR_FD: String(EMPEROR_DESCRIPTOR),
    [CONTROL_SOCKET_VARIABLE]: controlSocket,
    ...(socketAddress === undefined ? {} : { [HELD_SOCKET_VARIABLE]: socketAddress }),
    ...(fileOwner === undefined ? {} : { [FILE_OWNER_VARIABLE]: `${fileOwner.uid}:${fileOwner.path}` }),
    ...(outlives ? { [OUTLIVES_VARIABLE]: '1' } : {}),
  };
}
