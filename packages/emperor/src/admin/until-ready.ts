import type { EventFan } from '../event-fan.ts';
import type { VassalPhaseName } from '../vassal/vassal-phase.ts';
import type { Vassal } from '../vassal/vassal.ts';
import type { Outcome } from './operations.ts';
import { reasonOf } from './reason.ts';

/**
 * Waits until a vassal accepts requests, or waits on demand for the first one. Its file may be yet to appear; one that fails may still
 * come up before the time is over. What only an operator or an edit can mend is not waited for.
 */
export function untilReady(
  name: string,
  vassalOf: (name: string) => Vassal | undefined,
  events: EventFan,
  patienceMs: number,
): Promise<Outcome> {
  return new Promise((resolve) => {
    const finish = (outcome: Outcome): void => {
      clearTimeout(patience);
      forget();
      resolve(outcome);
    };
    const patience = setTimeout(() => finish(late(name, vassalOf(name), patienceMs)), patienceMs);
    const look = (): void => {
      const vassal = vassalOf(name);
      const outcome = vassal === undefined ? undefined : judge(vassal);
      if (outcome !== undefined) finish(outcome);
    };
    const forget = events.listen((event) => {
      if ('vassal' in event && event.vassal === name) look();
    });
    look();
  });
}

function judge(vassal: Vassal): Outcome | undefined {
  const { phase } = vassal.state;
  switch (phase.name) {
    case 'ready':
    case 'loyal':
      return outcome(vassal, true, 'accepts requests');
    case 'waiting':
      return outcome(vassal, true, 'waits for a connection');
    case 'stopped':
      return outcome(vassal, false, `is stopped; start it with: emperor start ${vassal.name}`);
    case 'exiled':
      return outcome(vassal, false, `is down: ${reasonOf(vassal.state)}`);
    case 'invalid':
      return 'pid' in phase
        ? outcome(vassal, false, 'refused its new configuration and goes on with the old one')
        : undefined;
    default:
      return undefined;
  }
}

function late(name: string, vassal: Vassal | undefined, patienceMs: number): Outcome {
  const within = `within ${Math.round(patienceMs / 1000)} s`;
  if (vassal === undefined) {
    return {
      isDone: false,
      sentence: `${name} has not appeared ${within}: no file of that name is watched`,
      state: 'removed',
      lines: [],
    };
  }
  const reason = reasonOf(vassal.state);
  return outcome(vassal, false, `does not accept requests ${within}: ${reason ?? `it is ${vassal.state.phase.name}`}`);
}

function outcome({ name, state, linesOfLastTry }: Vassal, isDone: boolean, sentence: string): Outcome {
  const phase: VassalPhaseName = state.phase.name;
  return { isDone, sentence: `${name} ${sentence}`, state: phase, lines: isDone ? [] : linesOfLastTry };
}
