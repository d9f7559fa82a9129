/** Kinds of metrics with the numbers uWSGI's statistics have for them. */
export const MetricType = {
  counter: 0,
  gauge: 1,
  absolute: 2,
  alias: 3,
} as const;

export type MetricTypeName = keyof typeof MetricType;

/** One figure under a name, as it is now. */
export interface Metric {
  readonly name: string;
  readonly type: MetricTypeName;
  /** Where SNMP would find it; empty for those without. */
  readonly oid: string;
  readonly value: number;
}
