import { type ControlHistogram, LATENCY_BOUNDS_SECONDS } from './control-messages.ts';

const BOUNDS_US = LATENCY_BOUNDS_SECONDS.map((seconds) => seconds * 1e6);

/** Counts times in the classes of a `ControlHistogram`. */
export class LatencyHistogram implements ControlHistogram {
  readonly counts: number[] = Array.from({ length: BOUNDS_US.length + 1 }, () => 0);
  sumSeconds = 0;

  addUs(us: number): void {
    let index = 0;
    while (us > (BOUNDS_US[index] ?? Infinity)) index++;
    this.counts[index] = (this.counts[index] ?? 0) + 1;
    this.sumSeconds += us / 1e6;
  }
}
