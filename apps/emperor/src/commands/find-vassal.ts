import { EmperorError, type VassalRow } from '@emperor/emperor';

/** A vassal as the operator calls it: by its name, its path, or a part of the name that only one has. @throws EmperorError */
export function findVassal(wanted: string, vassals: readonly VassalRow[]): VassalRow {
  const found = findKnownVassal(wanted, vassals);
  if (found === undefined) throw new EmperorError(`there is no vassal "${wanted}"; see them with: emperor status`);
  return found;
}

/** The same, for one that may be yet to appear: undefined until it has. @throws EmperorError when several could be meant */
export function findKnownVassal(wanted: string, vassals: readonly VassalRow[]): VassalRow | undefined {
  const exact = vassals.find(({ name, path }) => name === wanted || path === wanted);
  if (exact !== undefined) return exact;
  const candidates = vassals.filter(({ name }) => name.includes(wanted));
  if (candidates.length <= 1) return candidates[0];
  throw new EmperorError(
    `"${wanted}" could be ${candidates.length} vassals; say which: ${candidates.map(({ name }) => name).join(' ')}`,
  );
}
