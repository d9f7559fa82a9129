import type { Diagnostic, Entry } from '@emperor/config';
import type { ExchangeHandler, ResponseFilter } from '@emperor/http';

import { actionNames, compileAction } from './actions.ts';
import { toByteText } from './byte-text.ts';
import { type CollectedHeader, describeCollectedHeader, parseCollectedHeader } from './collected-header.ts';
import { compileCondition, type Matcher } from './conditions.ts';
import { dumpTable } from './dump-rule.ts';
import { type ParsedRule, parseRule, type RuleSubject } from './parse-rule.ts';
import { ResponseRoutes } from './response-routes.ts';
import { compilePattern, PatternError } from '../pattern.ts';
import { statusOf } from './route-context.ts';
import { RouteError } from './route-error.ts';
import { type RoutePhase, ruleOption } from './route-options.ts';
import { type Rule, RuleChain } from './rule-chain.ts';

/** The internal routes of an instance. */
export interface Routes {
  /** Rules asked before a request is answered. */
  readonly request: ExchangeHandler | undefined;
  /** Rules asked when an answer is about to be sent. */
  readonly responseFilter: ResponseFilter | undefined;
  /** The tables to print at start. */
  readonly dump: readonly string[];
  /** What is wrong; with an error in it the routes must not be used. */
  readonly diagnostics: readonly Diagnostic[];
}

interface Table {
  readonly parsed: ParsedRule[];
  readonly rules: Rule[];
}

/** Compiles the entries of `ROUTE_OPTION_NAMES`, in their order. All faults are reported at once, each with its place. */
export function compileRoutes(entries: readonly Entry[]): Routes {
  const tables: Record<RoutePhase, Table> = {
    request: { parsed: [], rules: [] },
    error: { parsed: [], rules: [] },
    response: { parsed: [], rules: [] },
    final: { parsed: [], rules: [] },
  };
  const collected: CollectedHeader[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const entry of entries) {
    try {
      compileEntry(entry, tables, collected);
    } catch (error) {
      if (!(error instanceof RouteError)) throw error;
      diagnostics.push(toDiagnostic(entry, error));
    }
  }
  const { response } = tables;
  return {
    request: undefined,
    responseFilter:
      collected.length > 0 || response.rules.length > 0
        ? new ResponseRoutes(collected, new RuleChain(response.rules))
        : undefined,
    dump: [
      ...(['request', 'error', 'response', 'final'] as const).flatMap((phase) =>
        dumpTable(phase, tables[phase].parsed),
      ),
      ...collected.map(describeCollectedHeader),
    ],
    diagnostics,
  };
}

function compileEntry({ key, value }: Entry, tables: Record<RoutePhase, Table>, collected: CollectedHeader[]): void {
  if (key === 'collect-header' || key === 'pull-header') {
    collected.push(parseCollectedHeader(key, value));
    return;
  }
  const option = ruleOption(key);
  if (option === undefined) throw new RouteError(`"${key}" is not an option of the routes`);
  const { phase, kind } = option;
  const table = tables[phase];
  const parsed = parseRule(kind, value);
  table.parsed.push(parsed);
  if (parsed.kind === 'label') return;
  const act = compileAction(parsed.action, {
    argument: toByteText(parsed.argument),
    phase,
    hasGroups: parsed.subject.kind === 'variable',
  });
  if (act === undefined) {
    throw new RouteError(
      `unable to register route "${value}". Missing router for: "${parsed.action}"`,
      `known actions: ${actionNames().join(', ')}`,
    );
  }
  table.rules.push({ matches: compileSubject(parsed.subject), act });
}

function compileSubject(subject: RuleSubject): Matcher | undefined {
  switch (subject.kind) {
    case 'always':
      return undefined;
    case 'condition': {
      const matches = compileCondition(subject.name, toByteText(subject.argument));
      return subject.negated ? (context) => !matches(context) : matches;
    }
    case 'variable': {
      const pattern = compileRulePattern(subject.pattern);
      return (context) => {
        context.match = pattern.exec(context.exchange.variables.get(subject.variable) ?? '') ?? undefined;
        return context.match !== undefined;
      };
    }
    default: {
      if (!/^[0-9]+$/.test(subject.status)) {
        throw new RouteError(`invalid route syntax: expected a status such as 404, not "${subject.status}"`);
      }
      const status = Number(subject.status);
      return (context) => statusOf(context) === status;
    }
  }
}

function compileRulePattern(pattern: string): RegExp {
  try {
    return compilePattern(toByteText(pattern));
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    throw new RouteError(error.message);
  }
}

function toDiagnostic({ key, value, origin }: Entry, { message, suggestion }: RouteError): Diagnostic {
  return {
    severity: 'error',
    origin,
    sourceLine: `${key} = ${value}`,
    message,
    ...(suggestion === undefined ? {} : { suggestion }),
  };
}
