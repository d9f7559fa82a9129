import { LatencyHistogram } from '@emperor/protocol';

/** What an app has done, counted over all reloads: whoever keeps it hands it to each app server in turn. */
export class AppFigures {
  /** From the complete head of a request to the moment it was sent to a worker. */
  readonly queueTime: LatencyHistogram = new LatencyHistogram();
  /** What the workers took. */
  readonly serviceTime: LatencyHistogram = new LatencyHistogram();
  /** Requests answered 503 because too many waited. */
  refused = 0;
  /** Requests in which the app raised. */
  exceptions = 0;
  /** Workers started in place of others. */
  respawns = 0;
  /** Workers killed because a request took too long. */
  harakiris = 0;
}
