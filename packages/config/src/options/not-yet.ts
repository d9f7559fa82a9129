/**
 * Options of the tables whose part of the program is still to be built: a configuration with one of them gets a warning.
 * Whoever builds the part takes its names out. `node dist/testing/unread-options.js` compares this list with the sources.
 */
const WITHOUT_EFFECT = `

`;

/** The same, but going on without them would take away a protection: an error. */
const WITHOUT_PROTECTION = 'chroot';

/** What becomes of a configuration with an option that is not built yet. */
export const NOT_YET: ReadonlyMap<string, 'warning' | 'error'> = new Map([
  ...words(WITHOUT_EFFECT).map((name) => [name, 'warning'] as const),
  ...words(WITHOUT_PROTECTION).map((name) => [name, 'error'] as const),
]);

function words(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}
