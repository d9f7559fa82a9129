import { lastErrorOf } from './admin/last-error.ts';
import type { VassalStatus } from './admin/status.ts';

/** Of a terminal that nobody made wider. */
const WIDTH = 80;

/** Where to look further. */
export interface WelcomePlaces {
  readonly metricsUrl: string | undefined;
  /** How this shell calls the emperor's commands. */
  readonly command: string;
}

/** What `npm start` ends with: where to point the browser, what does not start, and what to do next. */
export function welcomeText(vassals: readonly VassalStatus[], { metricsUrl, command }: WelcomePlaces): string {
  const serving = vassals.filter(
    ({ state }) => state === 'ready' || state === 'loyal' || state === 'spawned' || state === 'waiting',
  );
  const sites = vassals.flatMap((vassal) => vassal.figures?.addresses ?? []).filter((url) => /^https?:/.test(url));
  const rows = sites.map((url): [string, string] => ['site', `${browsable(url)}/`]);
  if (metricsUrl !== undefined) rows.push(['status', `${metricsUrl}/status`], ['metrics', `${metricsUrl}/metrics`]);
  const failing = vassals.filter((vassal) => vassal.nextTry !== undefined);
  return [
    '',
    `The Emperor is up: ${serving.length} of ${vassals.length} vassals are up.`,
    ...failing.flatMap(failureLines),
    ...rows.map(([what, url]) => `  ${what.padEnd(9)}${url}`),
    'What next?',
    ...nextSteps(command, sites[0], failing[0]).map(([what, why]) => `  ${what}\n${' '.repeat(8)}${why}`),
    '',
    '',
  ].join('\n');
}

function nextSteps(command: string, site: string | undefined, failing: VassalStatus | undefined): [string, string][] {
  return [
    ...(site === undefined ? [] : [[`open ${browsable(site)}/`, 'what your visitors see'] as [string, string]]),
    ...(failing === undefined
      ? []
      : [[`${command} status ${failing.name}`, 'why that one does not start'] as [string, string]]),
    [`${command} status`, 'how all of them are; logs -f shows what they write, --help the rest'],
    ['edit or touch an ini file, or put another one beside it', 'it is noticed at once'],
    ['Ctrl-C', 'stops everything'],
  ];
}

function failureLines(vassal: VassalStatus): string[] {
  const error = lastErrorOf(vassal.lastLines);
  const lines = [
    `  ${vassal.name} does not start: ${vassal.lastExit ?? ''}`,
    ...(error === undefined ? [] : [`    ${error}`]),
  ];
  return lines.map((line) => (line.length <= WIDTH ? line : `${line.slice(0, WIDTH - 1)}…`));
}

/** A wildcard address as one that a browser on this machine can open. */
function browsable(url: string): string {
  return url.replace(/^(https?:\/\/)(0\.0\.0\.0|\[::\])?(?=:\d+$)/, '$1127.0.0.1');
}
