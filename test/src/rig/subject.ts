import { fileURLToPath } from 'node:url';

/** The repository's root, seen from `test/dist/rig`. */
export const repository: string = fileURLToPath(new URL('../../../', import.meta.url));

/**
 * What the tests drive. Ordinarily our own binaries; with `VASSAL_UNDER_TEST=uwsgi` the real uWSGI takes the place of `vassal`,
 * which is how we know that the tests describe uWSGI and not our wishes. Any other value is the path of another `vassal`.
 */
export interface Subject {
  readonly isUwsgi: boolean;
  readonly vassal: readonly string[];
  /** The emperor over the files that match a pattern. */
  readonly emperor: (pattern: string) => readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * What the real uWSGI is started with. Debian's has its parts in plugins; as variables the options reach the vassals of its Emperor too.
 * A stop that comes right after the start can miss a worker (UWSGI-FACTS 9.1): no test should wait a minute for that.
 */
export const realUwsgiEnvironment: Readonly<Record<string, string>> = {
  UWSGI_PLUGIN: 'python3,http,logfile',
  UWSGI_WORKER_RELOAD_MERCY: '2',
  UWSGI_RELOAD_MERCY: '2',
};

const uwsgi: Subject = {
  isUwsgi: true,
  vassal: ['uwsgi'],
  emperor: (pattern) => ['uwsgi', '--emperor', pattern],
  environment: realUwsgiEnvironment,
};

const asked = process.env['VASSAL_UNDER_TEST'] ?? '';

const ours: Subject = {
  isUwsgi: false,
  vassal: [asked === '' ? `${repository}apps/vassal/bin/vassal` : asked],
  emperor: (pattern) => [`${repository}apps/emperor/bin/emperor`, '--glob', pattern],
  environment: {},
};

export const subject: Subject = asked === 'uwsgi' ? uwsgi : ours;

/** For tests of what we do better than uWSGI, or have and it has not (DESIGN 4.11). */
export const oursOnly: { readonly skip: string | false } = {
  skip: subject.isUwsgi && 'not what the real uWSGI does',
};

/** For tests with several reasons to be skipped: the first that holds. Spread together, the last one would win, also where it does not hold. */
export function skipFor(...reasons: readonly { readonly skip: string | false }[]): { readonly skip: string | false } {
  return { skip: reasons.find(({ skip }) => skip !== false)?.skip ?? false };
}
