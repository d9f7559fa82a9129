/*
 * Times as counts in many narrow buckets, for percentiles. Bounds double every fourth bucket: 64 µs, 80 µs, 96 µs, 112 µs, 128 µs, … 67 s;
 * a percentile is at most a quarter off.
 */

const FIRST_EXPONENT = 6;
const LAST_EXPONENT = 26;
const PER_DOUBLING = 4;
const BUCKETS = PER_DOUBLING * (LAST_EXPONENT - FIRST_EXPONENT) + 1;

/** The bucket of a time: the first whose bound is not exceeded. */
function bucketOf(us: number): number {
  const whole = Math.ceil(us);
  if (whole <= 2 ** FIRST_EXPONENT) return 0;
  if (whole > 2 ** LAST_EXPONENT) return BUCKETS;
  const exponent = 31 - Math.clz32(whole - 1);
  const quarter = 2 ** exponent / PER_DOUBLING;
  return PER_DOUBLING * (exponent - FIRST_EXPONENT) + Math.ceil((whole - 2 ** exponent) / quarter);
}

/** Upper bound of a bucket in microseconds; what is beyond all bounds counts as the last one. */
function boundOf(number: number): number {
  if (number < 0) return 0;
  const bucket = Math.min(number, BUCKETS - 1);
  const exponent = FIRST_EXPONENT + Math.trunc(bucket / PER_DOUBLING);
  return 2 ** exponent * (1 + (bucket % PER_DOUBLING) / PER_DOUBLING);
}

/** Counts times, and finds percentiles of those of several histograms together. */
export class FineHistogram {
  readonly #counts = new Uint32Array(BUCKETS + 1);
  total = 0;

  addUs(us: number): void {
    const bucket = bucketOf(us);
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.total++;
  }

  /**
   * The time in microseconds that so many of all times do not exceed; undefined when there are none. Within a bucket they are taken as evenly spread.
   * @param share 0.99 for the 99th percentile
   */
  static quantileUs(histograms: readonly FineHistogram[], share: number): number | undefined {
    const total = histograms.reduce((sum, histogram) => sum + histogram.total, 0);
    if (total === 0) return undefined;
    let left = share * total;
    for (let bucket = 0; bucket <= BUCKETS; bucket++) {
      const count = histograms.reduce((sum, histogram) => sum + (histogram.#counts[bucket] ?? 0), 0);
      if (count > 0 && left <= count) {
        const lower = boundOf(bucket - 1);
        return lower + (left / count) * (boundOf(bucket) - lower);
      }
      left -= count;
    }
    return boundOf(BUCKETS - 1);
  }
}
