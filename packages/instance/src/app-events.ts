import type { AppServerEvent, StepOutcome } from '@emperor/worker';

import type { StopMode } from './ending.ts';
import { ExitCode, StartError } from './start-error.ts';

/** What an instance does when its app server tells something. */
export interface AppEventOrders {
  /** Requests are accepted. */
  accepting(): void;
  reload(): void;
  stop(mode: StopMode, exitCode?: number): void;
  /** `die-on-idle` */
  readonly diesOnIdle: boolean;
}

/** Obeys what an app server tells; most of it is for others. */
export function obeyAppEvent(event: AppServerEvent, orders: AppEventOrders): void {
  switch (event.type) {
    case 'accepting':
      return orders.accepting();
    case 'app-missing':
      return orders.stop('cut', ExitCode.needApp);
    case 'reload-requested':
      return orders.reload();
    case 'stop-requested':
      return orders.stop('drain');
    case 'idle':
      return orders.diesOnIdle ? orders.stop('drain') : undefined;
    case 'worker-spawned':
    case 'worker-ready':
    case 'worker-exited':
    case 'harakiri':
      return undefined;
    default:
      return event satisfies never;
  }
}

/** Waits for a step of an app server's start. @throws StartError when it failed */
export async function completed(step: Promise<StepOutcome> | undefined): Promise<void> {
  const outcome = await step;
  if (outcome === undefined || outcome.kind === 'ok') return;
  if (outcome.kind === 'no-app') throw new StartError('need-app is set, and no app could be loaded', ExitCode.needApp);
  throw new StartError(outcome.reason);
}
