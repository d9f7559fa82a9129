import type { Diagnostic, Entry } from '@emperor/config';

import { loadMimeTypes, type MimeTypes } from '../static/mime-types.ts';
import { type CollectedHeader, describeCollectedHeader, parseCollectedHeader } from './collected-header.ts';
import { dumpTable } from './dump-rule.ts';
import { FinalRoutes } from './final-routes.ts';
import { cacheExchangeOver } from './lazy-cache-actions.ts';
import { type ParsedRule, parseRule } from './parse-rule.ts';
import { RequestRoutes } from './request-routes.ts';
import { ResponseRoutes } from './response-routes.ts';
import { RouteError } from './route-error.ts';
import { type RoutePhase, ruleOption } from './route-options.ts';
import type { RouteSettings } from './route-settings.ts';
import type { Routes } from './compile-routes.ts';
import { type Rule, RuleChain } from './rule-chain.ts';
import { RuleCompiler } from './rule-compiler.ts';

/** The lines of one phase, as written and as they work. */
interface Table {
  readonly entries: Entry[];
  readonly parsed: ParsedRule[];
  readonly rules: Rule[];
}

const PHASES: readonly RoutePhase[] = ['request', 'error', 'response', 'final'];
const USUAL_MIME_FILES = ['/etc/mime.types', '/etc/apache2/mime.types'];

/** Compiles all route options of an instance, in their order. */
export class RoutesCompiler {
  readonly #settings: RouteSettings;
  readonly #rules: RuleCompiler;
  readonly #tables: Readonly<Record<RoutePhase, Table>> = {
    request: { entries: [], parsed: [], rules: [] },
    error: { entries: [], parsed: [], rules: [] },
    response: { entries: [], parsed: [], rules: [] },
    final: { entries: [], parsed: [], rules: [] },
  };
  readonly #collected: CollectedHeader[] = [];
  readonly #diagnostics: Diagnostic[] = [];

  constructor(settings: RouteSettings) {
    this.#settings = settings;
    this.#rules = new RuleCompiler(settings, lazyMimeTypes(settings));
  }

  compile(entries: readonly Entry[]): Routes {
    for (const entry of entries) {
      try {
        this.#compileEntry(entry);
      } catch (error) {
        if (!(error instanceof RouteError)) throw error;
        this.#report(entry, error);
      }
    }
    for (const phase of PHASES) this.#checkJumps(this.#tables[phase]);
    const { request, error, response, final } = this.#tables;
    const { log, countsAddedHeaders } = this.#settings;
    const { uses } = this.#rules;
    const answersMatter =
      this.#collected.length > 0 || error.rules.length > 0 || response.rules.length > 0 || uses.answerEdits;
    return {
      request:
        request.rules.length > 0
          ? new RequestRoutes(new RuleChain(request.rules), log, uses.ownHeaders || countsAddedHeaders)
          : undefined,
      responseFilter: answersMatter
        ? new ResponseRoutes(this.#collected, new RuleChain(error.rules), new RuleChain(response.rules), this.#settings)
        : undefined,
      finished: this.#finished(final.rules),
      dump: [
        ...PHASES.flatMap((phase) => dumpTable(phase, this.#tables[phase].parsed)),
        ...this.#collected.map(describeCollectedHeader),
      ],
      diagnostics: this.#diagnostics,
    };
  }

  #finished(rules: readonly Rule[]): Routes['finished'] {
    const final = rules.length > 0 ? new FinalRoutes(new RuleChain(rules)).finished : undefined;
    if (!this.#rules.uses.pages) return final;
    return (exchange) => {
      cacheExchangeOver(exchange);
      final?.(exchange);
    };
  }

  #compileEntry(entry: Entry): void {
    const { key, value } = entry;
    if (key === 'collect-header' || key === 'pull-header') {
      this.#collected.push(parseCollectedHeader(key, value));
      return;
    }
    const option = ruleOption(key);
    if (option === undefined) throw new RouteError(`"${key}" is not an option of the routes`);
    const table = this.#tables[option.phase];
    const parsed = parseRule(option.kind, value);
    table.entries.push(entry);
    table.parsed.push(parsed);
    const warn = (message: string, suggestion?: string): void => {
      this.#report(entry, new RouteError(message, suggestion, 'warning'));
    };
    table.rules.push(this.#rules.compile(parsed, value, option.phase, warn));
  }

  /** A jump to a label that is not behind it ends every request that comes there: better said at start. */
  #checkJumps({ entries, parsed }: Table): void {
    parsed.forEach((rule, index) => {
      if (rule.kind === 'label' || rule.action !== 'goto' || rule.argument.includes('$')) return;
      const label = rule.argument;
      if (parsed.slice(index).some((other) => other.kind === 'label' && other.label === label)) return;
      const message = `[uwsgi-route] "goto" can only jump forward: there is no label "${label}" behind this rule`;
      const entry = entries[index];
      if (entry !== undefined) this.#report(entry, new RouteError(message));
    });
  }

  #report({ key, value, origin }: Entry, { severity, message, suggestion }: RouteError): void {
    this.#diagnostics.push({
      severity,
      origin,
      sourceLine: `${key} = ${value}`,
      message,
      ...(suggestion === undefined ? {} : { suggestion }),
    });
  }
}

/** Types of files, read when the first is asked for. */
function lazyMimeTypes({ mimeFiles }: RouteSettings): () => MimeTypes {
  let types: MimeTypes | undefined;
  return () => (types ??= loadMimeTypes(mimeFiles.length > 0 ? mimeFiles : USUAL_MIME_FILES, []));
}
