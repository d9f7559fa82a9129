/** What all processes of one vassal together may use. Undefined: as much as there is. */
export interface ResourceLimits {
  readonly memoryBytes: number | undefined;
  /** Of one core: 150 is a core and a half. */
  readonly cpuPercent: number | undefined;
  /** Processes and threads. */
  readonly processes: number | undefined;
}

export const NO_LIMITS: ResourceLimits = { memoryBytes: undefined, cpuPercent: undefined, processes: undefined };

export function isLimited(limits: ResourceLimits): boolean {
  return Object.values(limits).some((each) => each !== undefined);
}

/** What a vassal asks for goes before what is set for all. */
export function preferred(own: ResourceLimits, common: ResourceLimits): ResourceLimits {
  return merged(own, common, (mine) => mine);
}

/** The stricter of both: who does not trust a vassal lets it only lower its limits. */
export function strictest(own: ResourceLimits, common: ResourceLimits): ResourceLimits {
  return merged(own, common, (mine, theirs) => Math.min(mine, theirs));
}

function merged(
  own: ResourceLimits,
  common: ResourceLimits,
  choose: (own: number, common: number) => number,
): ResourceLimits {
  const pick = (mine: number | undefined, theirs: number | undefined): number | undefined =>
    mine === undefined || theirs === undefined ? (mine ?? theirs) : choose(mine, theirs);
  return {
    memoryBytes: pick(own.memoryBytes, common.memoryBytes),
    cpuPercent: pick(own.cpuPercent, common.cpuPercent),
    processes: pick(own.processes, common.processes),
  };
}
