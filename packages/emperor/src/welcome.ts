import type { VassalStatus } from './admin/status.ts';

/** What `npm start` ends with: where to point the browser, and where to look further. */
export function welcomeText(vassals: readonly VassalStatus[], metricsUrl: string | undefined): string {
  const serving = vassals.filter(
    ({ state }) => state === 'ready' || state === 'loyal' || state === 'spawned' || state === 'waiting',
  );
  const sites = vassals.flatMap((vassal) => vassal.figures?.addresses ?? []).filter((url) => /^https?:/.test(url));
  const rows = sites.map((url): [string, string] => ['site', `${browsable(url)}/`]);
  if (metricsUrl !== undefined) rows.push(['status', `${metricsUrl}/status`], ['metrics', `${metricsUrl}/metrics`]);
  const failing = vassals.filter((vassal) => vassal.nextTry !== undefined).map(failureText);
  return [
    '',
    `The Emperor is up: ${serving.length} of ${vassals.length} vassals are up.`,
    ...failing,
    ...rows.map(([what, url]) => `  ${what.padEnd(8)}${url}`),
    '  Ctrl-C stops everything.',
    '',
    '',
  ].join('\n');
}

function failureText(vassal: VassalStatus): string {
  return `  ${vassal.name} does not start: ${vassal.lastExit ?? ''}${vassal.lastLines
    .slice(-3)
    .map((line) => `\n    ${line}`)
    .join('')}`;
}

/** A wildcard address as one that a browser on this machine can open. */
function browsable(url: string): string {
  return url.replace(/^(https?:\/\/)(0\.0\.0\.0|\[::\])?(?=:\d+$)/, '$1127.0.0.1');
}
