import type { Diagnostic } from './diagnostic.ts';
import type { OptionName } from './option-table.ts';
import { pointAtValue } from './reading.ts';
import type { Resolution } from './resolve.ts';

/** A rule between options. Each tells at most one problem. */
type Rule = (resolution: Resolution) => Diagnostic | undefined;

/** Checks what no single option shows. */
export function checkRules(resolution: Resolution): Diagnostic[] {
  return RULES.flatMap((rule) => rule(resolution) ?? []);
}

const RULES: readonly Rule[] = [
  (resolution) => {
    const { cheaper, processes } = resolution.options;
    if (cheaper === 0 || cheaper < processes) return undefined;
    return problem(
      resolution,
      'cheaper',
      'error',
      `invalid cheaper value: must be lower than processes: ${cheaper} is not below ${processes}`,
      'raise processes or lower cheaper',
    );
  },
];

/** A diagnostic that points at where an option was set. */
function problem(
  { setBy }: Resolution,
  name: OptionName,
  severity: Diagnostic['severity'],
  message: string,
  suggestion?: string,
): Diagnostic {
  const entry = setBy.get(name);
  return {
    ...(entry === undefined ? {} : pointAtValue(entry)),
    severity,
    message,
    ...(suggestion === undefined ? {} : { suggestion }),
  };
}
