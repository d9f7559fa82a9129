/** Seconds on the clock that nobody can set, the same one in every process of the machine (Python's `time.monotonic`). */
export function monotonicSeconds(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds + nanoseconds / 1e9;
}

/** Seconds of unix time now, for a time of `monotonicSeconds`. */
export function unixSeconds(monotonic: number): number {
  return Date.now() / 1000 + (monotonic - monotonicSeconds());
}
