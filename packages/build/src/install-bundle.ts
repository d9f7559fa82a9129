import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** A file of a bundle. */
export interface BundleFile {
  /** Only its last part counts. */
  readonly path: string;
  readonly contents: Uint8Array;
}

/** Bundles that stay, with the newest: processes that run from a former one may still load a part of it. */
const KEPT = 3;

/** Where a bundle is said to lie while it is made: as deep as those that are installed, for the relative paths in it. */
export function draftDirectory(place: string): string {
  return join(place, 'draft');
}

/**
 * Writes a bundle and makes it the one that is started from now on. It gets a directory named after its content, and `main.cjs` beside that
 * names it: a process that runs goes on loading its parts from the bundle it was started from, and none sees half of a build.
 * @param place where the bundles of a command lie
 * @returns the bundle's directory
 */
export function installBundle(place: string, files: readonly BundleFile[]): string {
  const id = contentHash(files);
  const directory = join(place, id);
  if (!existsSync(directory)) writeBundle(place, directory, files);
  const now = new Date();
  utimesSync(directory, now, now);
  writeFileSync(join(place, 'main.cjs.new'), `require('./${id}/start.cjs');\n`);
  renameSync(join(place, 'main.cjs.new'), join(place, 'main.cjs'));
  for (const old of bundlesByAge(place).slice(KEPT)) rmSync(old, { recursive: true });
  return directory;
}

function writeBundle(place: string, directory: string, files: readonly BundleFile[]): void {
  const draft = draftDirectory(place);
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { recursive: true });
  for (const { path, contents } of files) writeFileSync(join(draft, basename(path)), contents);
  renameSync(draft, directory);
}

function contentHash(files: readonly BundleFile[]): string {
  const hash = createHash('sha256');
  for (const { path, contents } of files) hash.update(basename(path)).update(contents);
  return hash.digest('hex').slice(0, 12);
}

/** The newest first. */
function bundlesByAge(place: string): string[] {
  const bundles = globSync('*/', { cwd: place }).map((name) => join(place, name));
  return bundles.toSorted((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
}
