import type { ControlConfiguration } from '@emperor/protocol';

import type { Outcome, Verb } from './operations.ts';
import type { RecentEvents } from './recent-events.ts';
import type { VassalRow, VassalStatus } from './status.ts';

/** What can be asked of an emperor, whatever the way: UNIX socket or the admin address. */
export interface AdminApi {
  status(): Promise<EmperorStatus>;
  /** @param vassals who are looked at closer */
  look(vassals: ReadonlySet<string>): Promise<EmperorLook>;
  /** Everything about one vassal; undefined when there is no such vassal. */
  vassal(name: string): Promise<VassalPage | undefined>;
  /** Undefined when there is no such vassal. */
  perform(verb: Verb, vassal: string): Promise<Outcome | undefined>;
  /** Waits until a vassal, which may be yet to come, accepts requests. */
  untilReady(vassal: string, patienceMs: number): Promise<Outcome>;
  /** The program as it is now on disk takes over, in the same process. */
  upgrade(): Promise<UpgradeAnswer>;
  readonly recent: RecentEvents;
}

/** Whether an upgrade is on its way; else why not. */
export interface UpgradeAnswer {
  readonly problem?: string;
}

export interface EmperorStatus {
  readonly pid: number;
  /** ISO 8601. */
  readonly since: string;
  readonly vassals: readonly VassalRow[];
  /** Sentences about what is no vassal although its name says so; there are none where there is nothing. */
  readonly problems?: readonly string[];
}

/** How all are, and everything about some. */
export interface EmperorLook {
  readonly status: EmperorStatus;
  readonly details: ReadonlyMap<string, VassalStatus>;
}

export interface VassalPage {
  readonly status: VassalStatus;
  /** Undefined when it does not answer; foreign programs never do. */
  readonly configuration?: ControlConfiguration;
}
