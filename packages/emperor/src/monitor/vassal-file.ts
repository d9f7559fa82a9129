/** What tells one version of a file from another. A touch changes it; so does a replacement of the same age. */
export interface FileFingerprint {
  readonly mtimeNs: bigint;
  readonly inode: bigint;
  readonly size: bigint;
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
  readonly fingerprint: FileFingerprint;
}
