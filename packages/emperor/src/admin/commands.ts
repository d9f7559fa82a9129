import { EmperorError } from '../emperor-error.ts';
import { AdminClient } from './admin-client.ts';
import { VERBS, type Outcome, type Verb } from './operations.ts';
import { statusPage, statusTable } from './status-table.ts';
import type { VassalStatus } from './status.ts';

/** The commands that a running emperor answers. */
export type AdminCommand = 'status' | Verb;
export const ADMIN_COMMANDS: readonly AdminCommand[] = ['status', ...VERBS];

export interface AdminRequest {
  readonly command: AdminCommand;
  /** Vassals, as the operator calls them. */
  readonly names: readonly string[];
  readonly asJson: boolean;
  /** Of the emperor that is meant. */
  readonly socketPath: string;
}

export interface AdminReply {
  readonly text: string;
  /** 0: all is done and well. 1: something is not. */
  readonly exitCode: number;
}

/** @throws EmperorError with a sentence when nobody answers or nobody is meant */
export async function runAdminCommand({ command, names, asJson, socketPath }: AdminRequest): Promise<AdminReply> {
  const client = new AdminClient(socketPath);
  const status = await client.status();
  if (command === 'status' && names.length === 0) {
    return { text: asJson ? toJson(status) : statusTable(status, Date.now()), exitCode: 0 };
  }
  if (names.length === 0) throw new EmperorError(`name the vassal to ${command}, as in: emperor ${command} project`);
  const vassals = names.map((name) => findVassal(name, status.vassals));
  if (command === 'status') return pages(vassals, asJson);
  return outcomes(await Promise.all(vassals.map(({ name }) => client.perform(command, name))), asJson);
}

function pages(vassals: readonly VassalStatus[], asJson: boolean): AdminReply {
  const text = vassals.map((vassal) => (asJson ? toJson(vassal) : statusPage(vassal, Date.now()))).join('\n');
  return { text, exitCode: 0 };
}

function outcomes(all: readonly Outcome[], asJson: boolean): AdminReply {
  const text = all.map((outcome) => (asJson ? toJson(outcome) : outcomeText(outcome))).join('');
  return { text, exitCode: all.every(({ isDone }) => isDone) ? 0 : 1 };
}

function outcomeText({ sentence, lines }: Outcome): string {
  return [sentence, ...lines.map((line) => `  | ${line}`), ''].join('\n');
}

/** By its name, or by a part of it that only one has. */
function findVassal(wanted: string, vassals: readonly VassalStatus[]): VassalStatus {
  const exact = vassals.find(({ name, path }) => name === wanted || path === wanted);
  if (exact !== undefined) return exact;
  const candidates = vassals.filter(({ name }) => name.includes(wanted));
  const [only, another] = candidates;
  if (only === undefined) throw new EmperorError(`there is no vassal "${wanted}"; see them with: emperor status`);
  if (another === undefined) return only;
  throw new EmperorError(
    `"${wanted}" could be ${candidates.length} vassals; say which: ${candidates.map(({ name }) => name).join(' ')}`,
  );
}

function toJson(value: object): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
