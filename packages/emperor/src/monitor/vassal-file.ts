/** What tells one version of a file from another. A touch changes it; so does a replacement of the same age. */
export interface FileFingerprint {
  /** With fractions: as fine as a number can be, a quarter of a microsecond. */
  readonly mtimeMs: number;
  readonly inode: number;
  readonly size: number;
}

export interface FileOwner {
  readonly uid: number;
  readonly gid: number;
}

/** One configuration file that is to run as a vassal. */
export interface VassalFile {
  /**
   * How the operator knows it (UWSGI-FACTS 13.1): the path as it was globbed, or in directory mode the bare file name.
   * Unique among the vassals of an emperor.
   */
  readonly name: string;
  /** What the vassal's command gets as the name of its configuration; relative to `workingDirectory`. */
  readonly argument: string;
  /** Absolute. */
  readonly path: string;
  readonly workingDirectory: string;
  /** The directory or glob that found it. */
  readonly monitor: string;
  /** With `emperor-tyrant`: as whom the vassal is to run. */
  readonly owner: FileOwner | undefined;
  readonly fingerprint: FileFingerprint;
}
