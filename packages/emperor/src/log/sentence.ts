import type { EmperorEvent } from '../events.ts';
import { describeExit } from '../vassal/vassal-exit.ts';

/**
 * The sentence of an event. Where uWSGI's emperor has one, it is that one: scripts wait for them (UWSGI-FACTS 13.3 to 13.8).
 */
export function sentenceOf(event: EmperorEvent): string {
  switch (event.type) {
    case 'emperor-started':
      return `*** starting uWSGI ${event.isVassal ? 'sub-' : ''}Emperor ***`;
    case 'emperor-stopping':
      return '[emperor] *** RAGNAROK EVOKED ***';
    case 'emperor-stopped':
      return 'The Emperor is buried.';
    case 'emperor-leaving':
      return `[emperor] received ${event.reason}: leaving, ${event.vassals} vassals go on`;
    case 'emperor-hook-started':
      return `running "${event.command}" (emperor-start)...`;
    case 'emperor-hook-said':
      return event.line;
    case 'vassals-reloading':
      return `[emperor] received ${event.reason}: reloading all vassals`;
    case 'attribute-problem':
    case 'monitor-problem':
      return `[emperor] ${event.problem}`;
    case 'metrics-listening':
      return `[emperor] metrics and status at ${event.url}`;
    case 'admin-listening':
      return `[emperor] admin address at ${event.url}; its token is in ${event.tokenFile}`;
    case 'stats-listening':
      return `*** Emperor stats server enabled on ${event.address} fd: ${event.descriptor} ***`;
    case 'failures-forgiven':
      return '[emperor] cleaning up blacklist ...';
    case 'vassal-statistics':
      return `vassal instance ${event.vassal} (last modified ${event.modified}) status ${event.state === 'stopping' ? 1 : 0} loyal ${event.isLoyal ? 1 : 0} zerg 0`;
    case 'vassal-launched':
      return `[emperor] starting vassal ${event.vassal} (pid: ${event.pid})`;
    case 'vassal-waiting':
      return event.isFirst
        ? `[uwsgi-emperor] ${event.vassal} -> "on demand" instance detected, waiting for connections on socket "${event.address}" ...`
        : `[uwsgi-emperor] ${event.vassal} -> back to "on demand" mode, waiting for connections on socket "${event.address}" ...`;
    case 'vassal-updated':
      return `[emperor] updated configuration for "on demand" instance ${event.vassal}`;
    case 'vassal-refused':
      return `[emperor-tyrant] invalid permissions for vassal ${event.vassal}`;
    case 'vassal-privileges-dropped':
      return `[emperor-tyrant] dropping privileges to ${event.uid} ${event.gid} for instance ${event.vassal}`;
    case 'vassal-owner-changed':
      return `!!! permissions of file ${event.vassal} changed. stopping the instance... !!!`;
    case 'vassal-adopted':
      return `[emperor] adopted vassal ${event.vassal} of a former emperor (pid: ${event.pid})`;
    case 'vassal-spawned':
      return `[emperor] vassal ${event.vassal} has been spawned`;
    case 'vassal-ready':
      return `[emperor] vassal ${event.vassal} is ready to accept requests`;
    case 'vassal-loyal':
      return `[emperor] vassal ${event.vassal} is now loyal`;
    case 'vassal-reloading':
      return `[emperor] reload the uwsgi instance ${event.vassal}`;
    case 'vassal-self-reloaded':
      return `[emperor] vassal ${event.vassal} is ready to accept requests`;
    case 'vassal-reloaded':
      return `[emperor] vassal ${event.vassal} ${reloadOutcome(event)}`;
    case 'vassal-reload-refused':
      return `[emperor] vassal ${event.vassal} refused its new configuration and goes on with the old one`;
    case 'vassal-reload-unanswered':
      return `[emperor] vassal ${event.vassal} never told the outcome of its reload`;
    case 'vassal-stopping':
      return `[emperor] stop the uwsgi instance ${event.vassal}`;
    case 'vassal-killed':
      return `[emperor] NO MERCY for vassal ${event.vassal} !!! it did not stop in time (pid: ${event.pid})`;
    case 'vassal-silent':
      return `[emperor] vassal ${event.vassal} sent no heartbeat in last ${Math.round(event.heardMsAgo / 1000)} seconds, brutally respawning it...`;
    case 'vassal-exited':
      return `[emperor] curse the uwsgi instance ${event.vassal} (pid: ${event.pid ?? 'none'})`;
    case 'vassal-failing':
      return `[emperor] vassal ${event.vassal} has failed ${event.failures} times in a row: ${describeExit(event.exit)}; next try in ${inSeconds(event.retryMs)}. Its last lines: ${event.lastLines.length === 0 ? 'none' : event.lastLines.join(' | ')}`;
    case 'vassal-hook-started':
      return event.hook === 'as-emperor'
        ? `running "${event.command}" (as-emperor for vassal "${event.vassal}" pid: ${event.pid} uid: ${event.uid} gid: ${event.gid})...`
        : `[emperor] running vassal ${event.hook}: ${event.command}`;
    case 'vassal-hook-ended':
      return event.hook === 'as-emperor'
        ? (event.problem ?? `command "${event.command}" exited with code: ${event.code}`)
        : `[emperor] ${event.vassal} ${event.hook} returned ${event.code}`;
    case 'vassal-unlimited':
      return `[emperor] vassal ${event.vassal} runs without its limits: ${event.problem}`;
    case 'vassal-out-of-memory':
      return `[emperor] vassal ${event.vassal} reached its memory limit: the kernel has killed ${event.kills} of its processes so far`;
    case 'vassal-overloaded':
      return `[emperor] vassal ${event.vassal} asks for reinforcement: it has more to do than it can`;
    case 'vassal-held-back':
      return `[emperor] vassal ${event.vassal} starts when these are up: ${event.by.join(' ')}`;
    case 'vassal-cycle':
      return `[emperor] vassals wait for each other in a circle, and are started without that order: ${[...event.names, event.names[0]].join(' -> ')}`;
    case 'vassal-unrecorded':
      return `[emperor] could not write the record of vassal ${event.vassal}, a later emperor will not know it: ${event.problem}`;
    case 'vassal-stopped':
      return `[emperor] vassal ${event.vassal} is stopped, until somebody starts it`;
    case 'vassal-removed':
      return `[emperor] removed uwsgi instance ${event.vassal}`;
    case 'vassal-output':
      return event.line;
    case 'vassal-output-dropped':
      return `[emperor] vassal ${event.vassal} writes too fast: ${event.lines} lines dropped`;
    case 'vassal-babbling':
      return `[emperor] vassal ${event.vassal} writes garbage on the emperor socket: no longer listening to it`;
    default:
      return event satisfies never;
  }
}

/** `reloaded by touch, 340 ms, 0 failed`. */
function reloadOutcome({ isDone, reason, tookMs, failed }: ReloadedEvent): string {
  const took = `${Math.round(tookMs)} ms`;
  if (!isDone) return `did not reload, after ${took}: ${reason}`;
  return [`reloaded by ${reason}`, took, ...(failed === undefined ? [] : [`${failed} failed`])].join(', ');
}

type ReloadedEvent = Extract<EmperorEvent, { readonly type: 'vassal-reloaded' }>;

type ExitEvent = Extract<EmperorEvent, { readonly type: 'vassal-exited' }>;

/** What became of a vassal that ended, and what will: uWSGI's sentence does not say. */
export function consequenceOf(event: ExitEvent): string | undefined {
  const ended = `vassal ${event.vassal} ended: ${describeExit(event.exit)}`;
  switch (event.next) {
    case 'cursed':
      return `${ended}; ${nextTry(event)}`;
    case 'invalid':
      return `${ended} before it was up: its configuration or an address is refused; ${nextTry(event)}`;
    case 'exiled':
      return `${ended}; it asked not to be started again before its file changes`;
    case 'queued':
      return `${ended}; starting it again`;
    case 'waiting':
      return `${ended}; started again when somebody connects`;
    default:
      return undefined;
  }
}

function nextTry({ retryMs = 0, failures }: ExitEvent): string {
  return `next try in ${inSeconds(retryMs)} (failure ${failures} in a row)`;
}

function inSeconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
