const MEGABYTE = 1024 * 1024;

/** `850K`, `24M`, `1.5G`. */
export function bytesText(bytes: number): string {
  if (bytes < MEGABYTE) return `${Math.round(bytes / 1024)}K`;
  const megabytes = bytes / MEGABYTE;
  return megabytes < 1000 ? `${Math.round(megabytes)}M` : `${(megabytes / 1024).toFixed(1)}G`;
}

/** `0`, `0.4`, `37`, `12k`. */
export function rateText(perSecond: number): string {
  if (perSecond === 0) return '0';
  if (perSecond < 10) return perSecond.toFixed(1);
  return perSecond < 10_000 ? String(Math.round(perSecond)) : `${Math.round(perSecond / 1000)}k`;
}

/** `0.8ms`, `12ms`, `1.5s`; `-` when there was nothing to measure. */
export function latencyText(milliseconds: number | null | undefined): string {
  if (milliseconds === null || milliseconds === undefined) return '-';
  if (milliseconds < 10) return `${milliseconds.toFixed(1)}ms`;
  return milliseconds < 1000 ? `${Math.round(milliseconds)}ms` : `${(milliseconds / 1000).toFixed(1)}s`;
}
