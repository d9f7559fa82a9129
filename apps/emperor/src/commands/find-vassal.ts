import { EmperorError, type VassalStatus } from '@emperor/emperor';

/** A vassal as the operator calls it: by its name, its path, or a part of the name that only one has. @throws EmperorError */
export function findVassal(wanted: string, vassals: readonly VassalStatus[]): VassalStatus {
  const exact = vassals.find(({ name, path }) => name === wanted || path === wanted);
  if (exact !== undefined) return exact;
  const candidates = vassals.filter(({ name }) => name.includes(wanted));
  const [only, another] = candidates;
  if (only === undefined) throw new EmperorError(`there is no vassal "${wanted}"; see them with: emperor status`);
  if (another === undefined) return only;
  throw new EmperorError(
    `"${wanted}" could be ${candidates.length} vassals; say which: ${candidates.map(({ name }) => name).join(' ')}`,
  );
}
