import type { ParsedRule } from './parse-rule.ts';
import type { RoutePhase } from './route-options.ts';

const TABLE_NAMES: Readonly<Record<RoutePhase, string>> = {
  request: 'internal routing table',
  error: 'internal error routing table',
  response: 'internal response routing table',
  final: 'internal final routing table',
};

/** uWSGI's table of the rules of one phase, printed at start (UWSGI-FACTS 11.2); nothing where there are none. */
export function dumpTable(phase: RoutePhase, rules: readonly ParsedRule[]): string[] {
  if (rules.length === 0) return [];
  const name = TABLE_NAMES[phase];
  return [
    `*** dumping ${name} ***`,
    ...rules.map((rule, index) => `[rule: ${index}] ${describeRule(rule)}`),
    `*** end of the ${name} ***`,
  ];
}

function describeRule(rule: ParsedRule): string {
  if (rule.kind === 'label') return `label: ${rule.label}`;
  const { subject } = rule;
  const action = `action: ${rule.action}:${rule.argument}`;
  switch (subject.kind) {
    case 'always':
      return action;
    case 'variable':
      return `subject: ${subject.name} regexp: ${subject.pattern} ${action}`;
    case 'status':
      return `subject: ${subject.status} func: ${subject.status} ${action}`;
    default:
      return `subject: ${subject.argument} func: ${subject.negated ? '!' : ''}${subject.name} ${action}`;
  }
}
