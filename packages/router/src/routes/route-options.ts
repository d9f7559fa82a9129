/** When a rule is asked: before a request is answered, when an answer has its status (of whatever kind, as in uWSGI), before it is sent, after it was sent. */
export type RoutePhase = 'request' | 'error' | 'response' | 'final';

type Prefix = '' | 'error-' | 'response-' | 'final-';

const PREFIXES: Readonly<Record<RoutePhase, Prefix>> = {
  request: '',
  error: 'error-',
  response: 'response-',
  final: 'final-',
};

/** What a rule looks at, by the end of its option's name. */
const KINDS = [
  'route',
  'route-host',
  'route-uri',
  'route-qs',
  'route-remote-addr',
  'route-user-agent',
  'route-referer',
  'route-remote-user',
  'route-status',
  'route-if',
  'route-if-not',
  'route-run',
  'route-label',
] as const;

export type RouteKind = (typeof KINDS)[number];

/** Options that `compileRoutes` understands; `route-status` alone does not exist, since a request has no status yet. */
export type RouteOptionName = Exclude<`${Prefix}${RouteKind}`, 'route-status'> | 'collect-header' | 'pull-header';

const RULE_OPTIONS: ReadonlyMap<string, { readonly phase: RoutePhase; readonly kind: RouteKind }> = new Map(
  (Object.keys(PREFIXES) as RoutePhase[]).flatMap((phase) =>
    KINDS.filter((kind) => phase !== 'request' || kind !== 'route-status').map(
      (kind) => [`${PREFIXES[phase]}${kind}`, { phase, kind }] as const,
    ),
  ),
);

/** For `config.entriesOf`: the order of entries across these options is the order of the rules. */
export const ROUTE_OPTION_NAMES: readonly RouteOptionName[] = [
  ...(RULE_OPTIONS.keys() as Iterable<RouteOptionName>),
  'collect-header',
  'pull-header',
];

/** Takes the name of an option apart. @returns undefined for an option that makes no rule */
export function ruleOption(name: string): { readonly phase: RoutePhase; readonly kind: RouteKind } | undefined {
  return RULE_OPTIONS.get(name);
}
