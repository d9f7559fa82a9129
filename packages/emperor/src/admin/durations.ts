/** The largest unit is enough to see how things are: `12s`, `5m`, `3h`, `2d`. */
export function duration(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 120) return `${seconds}s`;
  if (seconds < 2 * 3600) return `${Math.floor(seconds / 60)}m`;
  return seconds < 2 * 86_400 ? `${Math.floor(seconds / 3600)}h` : `${Math.floor(seconds / 86_400)}d`;
}

/** How long since a time in ISO 8601. */
export function ago(time: string, now: number): string {
  return duration(now - Date.parse(time));
}

/** How long until a time in ISO 8601. */
export function until(time: string, now: number): string {
  return duration(Date.parse(time) - now);
}
