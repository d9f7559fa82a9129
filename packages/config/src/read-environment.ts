import type { Origin } from './entry.ts';
import type { RawEntry } from './raw-entry.ts';

const ENVIRONMENT: Origin = { source: '<environment>', line: 0 };

/** Variables that processes of an instance set for each other; they are no options. */
const INTERNAL: ReadonlySet<string> = new Set([
  'UWSGI_RELOADS',
  'UWSGI_EMPEROR_FD',
  'UWSGI_EMPEROR_FD_CONFIG',
  'UWSGI_EMPEROR_PROXY',
  'UWSGI_BROODLORD_NUM',
  'UWSGI_VASSALS_DIR',
  'UWSGI_ORIGINAL_PROC_NAME',
]);

/** `UWSGI_HTTP_SOCKET=:8000` is `http-socket = :8000`. */
export function readEnvironment(environment: Readonly<Record<string, string | undefined>>): RawEntry[] {
  const entries: RawEntry[] = [];
  for (const [name, value] of Object.entries(environment)) {
    if (value === undefined || !name.startsWith('UWSGI_') || INTERNAL.has(name) || name.startsWith('UWSGI_VASSAL_'))
      continue;
    const key = name.slice('UWSGI_'.length).toLowerCase().replaceAll('_', '-');
    if (key === '') continue;
    const line = `${name}=${value}`;
    entries.push({
      key,
      written: key,
      value,
      origin: ENVIRONMENT,
      line,
      keyColumn: 1,
      valueColumn: name.length + 2,
      hasValue: true,
    });
  }
  return entries;
}
