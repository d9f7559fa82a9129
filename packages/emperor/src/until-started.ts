import type { Emperor } from './emperor.ts';
import type { EventFan } from './event-fan.ts';
import type { VassalPhaseName } from './vassal/vassal-phase.ts';

/** States in which it is still open how the start will end. */
const ON_THE_WAY: ReadonlySet<VassalPhaseName> = new Set(['queued', 'starting', 'spawned']);

/** Longer than any healthy start; a real uWSGI's router never gets beyond `spawned`. */
const PATIENCE_MS = 10_000;

/** Ends when every vassal is ready or has failed, or after a while. Returns false when the emperor stops before. */
export async function untilStarted(emperor: Emperor, events: EventFan): Promise<boolean> {
  const isOver = (): boolean =>
    [...emperor.vassals.values()].every((vassal) => !ON_THE_WAY.has(vassal.state.phase.name));
  if (isOver()) return true;
  return new Promise((resolve) => {
    const stop = (isUp: boolean): void => {
      clearTimeout(timer);
      forget();
      resolve(isUp);
    };
    const timer = setTimeout(() => stop(true), PATIENCE_MS);
    const forget = events.listen((event) => {
      if (event.type === 'emperor-stopping') stop(false);
      else if (isOver()) stop(true);
    });
  });
}
