import type { Figures, LiveStatus, Vassal } from './api.ts';
import { element } from './dom.ts';
import { ago, latencyText, memoryText, rateText, reloadText, until, workersText } from './format.ts';
import { healthOf, unwellFirst } from './health.ts';
import { sparkline } from './sparkline.ts';

const COLUMNS = [
  'Vassal',
  'State',
  'Addresses',
  'Workers',
  'Requests/s',
  'p50 / p99',
  '5xx',
  'Queue',
  'Memory',
  'Up',
  'Reload',
];
const NUMBERS: ReadonlySet<string> = new Set(['Workers', 'Requests/s', 'p50 / p99', '5xx', 'Queue', 'Memory', 'Up']);

/** All vassals at a glance, the unwell first. */
export class Overview {
  readonly element: HTMLElement;
  readonly #rows = element('tbody');
  readonly #search = element('input', {
    type: 'search',
    placeholder: 'Find a vassal',
    'aria-label': 'Find a vassal by name or state',
  });
  #status: LiveStatus | undefined;

  constructor() {
    const head = COLUMNS.map((title) =>
      element('th', { scope: 'col', class: NUMBERS.has(title) ? 'number' : undefined }, title),
    );
    const table = element('table', { class: 'vassals' }, element('thead', {}, element('tr', {}, ...head)), this.#rows);
    this.#search.addEventListener('input', () => this.#render());
    this.element = element(
      'section',
      { 'aria-label': 'Vassals' },
      element(
        'div',
        { class: 'tools' },
        this.#search,
        element('p', { class: 'hint' }, 'Keys: / find · j and k move · Enter opens · Escape back'),
      ),
      table,
    );
  }

  update(status: LiveStatus): void {
    this.#status = status;
    this.#render();
  }

  focusSearch(): void {
    this.#search.focus();
    this.#search.select();
  }

  /** Moves the focus to the next or previous vassal. */
  move(by: 1 | -1): void {
    const links = [...this.#rows.querySelectorAll('a')];
    const index = links.findIndex((link) => link === document.activeElement);
    links[index < 0 && by < 0 ? links.length - 1 : Math.min(links.length - 1, Math.max(0, index + by))]?.focus();
  }

  /** Rows are made anew; the focus stays with its vassal. */
  #render(): void {
    if (this.#status === undefined) return;
    const { vassals, sparklines } = this.#status;
    const focused = document.activeElement instanceof HTMLAnchorElement ? document.activeElement.hash : undefined;
    const words = this.#search.value.toLowerCase();
    const shown = vassals
      .filter(({ name, state, reason = '' }) => `${name} ${state} ${reason}`.toLowerCase().includes(words))
      .toSorted(unwellFirst);
    this.#rows.replaceChildren(...shown.map((vassal) => row(vassal, sparklines[vassal.name] ?? [])));
    if (shown.length === 0)
      this.#rows.append(element('tr', {}, element('td', { colspan: String(COLUMNS.length) }, emptyText(words))));
    if (focused !== undefined) [...this.#rows.querySelectorAll('a')].find(({ hash }) => hash === focused)?.focus();
  }
}

function emptyText(words: string): string {
  return words === '' ? 'No file matches what the emperor watches.' : `No vassal has "${words}" in its name or state.`;
}

function row(vassal: Vassal, values: readonly (number | null)[]): HTMLElement {
  const { figures } = vassal;
  const link = element('a', { href: `#/vassals/${encodeURIComponent(vassal.name)}` }, vassal.name);
  const state = element('td', {}, stateBadge(vassal));
  const attributes = { class: healthOf(vassal) };
  if (figures === undefined) {
    // Where the figures would be there is room for the reason.
    const rest = element('td', { class: 'why', colspan: String(COLUMNS.length - 2) }, reasonOf(vassal));
    return element('tr', attributes, element('td', { class: 'name' }, link), state, rest);
  }
  const cells = cellsOf(vassal, figures, values).map(([label, content]) =>
    element('td', { 'data-label': label, class: NUMBERS.has(label) ? 'number' : label.toLowerCase() }, content),
  );
  return element('tr', attributes, element('td', { class: 'name' }, link, reasonOf(vassal)), state, ...cells);
}

function cellsOf(
  vassal: Vassal,
  figures: Figures,
  values: readonly (number | null)[],
): [label: string, content: HTMLElement | string | undefined][] {
  const { recent, memory, lastReload } = figures;
  const line = (rate: number): HTMLElement =>
    element('span', {}, sparkline(values, `Requests per second of ${vassal.name}`), rateText(rate));
  const errors = (count: number): HTMLElement =>
    element('span', { class: count > 0 ? 'problem' : undefined }, String(count));
  return [
    ['Addresses', element('span', {}, ...figures.addresses.map((url) => element('span', {}, url)))],
    ['Workers', workersText(figures.workers)],
    ['Requests/s', recent && line(recent.requestsPerSecond)],
    ['p50 / p99', recent && `${latencyText(recent.p50Ms)} / ${latencyText(recent.p99Ms)}`],
    ['5xx', recent && errors(recent.errors)],
    ['Queue', String(figures.queueDepth)],
    ['Memory', memory && memoryText(memory.privateBytes, vassal.memoryLimitBytes)],
    ['Up', vassal.upSince && ago(vassal.upSince, Date.now())],
    ['Reload', lastReload && reloadText(lastReload, Date.now())],
  ];
}

/** The state as a coloured word. */
export function stateBadge(vassal: Vassal): HTMLElement {
  return element('span', { class: `state ${healthOf(vassal)}` }, vassal.state);
}

/** Why a vassal is as it is, and what comes next. */
export function reasonOf(vassal: Vassal): HTMLElement | undefined {
  if (vassal.reason === undefined) return undefined;
  const error = vassal.lastError && element('span', { class: 'error' }, vassal.lastError);
  const next = vassal.nextTry === undefined ? '' : `; next try in ${until(vassal.nextTry, Date.now())}`;
  return element('p', { class: 'reason' }, error, `${vassal.reason}${next}`);
}
