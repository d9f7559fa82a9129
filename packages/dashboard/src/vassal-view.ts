import {
  ask,
  type EventLine,
  type LiveStatus,
  type Outcome,
  pastLines,
  type Samples,
  type Vassal,
  type VassalPage,
} from './api.ts';
import { element } from './dom.ts';
import { factsOf, jobLines, nextRunLines, serviceLines } from './facts.ts';
import { happeningText, processTree } from './format.ts';
import { healthOf } from './health.ts';
import { reasonOf, stateBadge } from './overview.ts';
import { Plots } from './plots.ts';

const VERBS = ['reload', 'restart', 'stop', 'start'] as const;
const PAST_EVENTS = 50;
const PAST_LINES = 200;
const LINES_KEPT = 500;
const SAMPLES_EVERY_MS = 10_000;

/** After these its configuration is another one, or has other problems. */
const READ_ANEW: ReadonlySet<string> = new Set(['vassal-ready', 'vassal-reloaded', 'vassal-exited']);

/** Below the name. */
const SHOWN_ELSEWHERE: ReadonlySet<string> = new Set(['state', 'reason', 'error', 'next try']);

/** Everything about one vassal, live. */
export class VassalView {
  readonly element: HTMLElement;
  readonly #name: string;
  readonly #state = element('span');
  readonly #reason = element('div');
  readonly #facts = element('dl', { class: 'facts' });
  readonly #processes = element('pre', { class: 'lines' });
  readonly #outcome = element('p', { role: 'status', 'aria-live': 'polite' });
  readonly #buttons = element('div', { class: 'actions' });
  readonly #plots = new Plots();
  readonly #events: Lines;
  readonly #output = new Lines(({ message }) => message);
  readonly #more = element('div');
  readonly #configuration = element('div');
  #latest: Vassal | undefined;
  #told: VassalPage['configuration'];
  #sampling: ReturnType<typeof setInterval> | undefined;

  constructor(name: string) {
    this.#name = name;
    this.#events = new Lines(
      ({ time, message }) => `${new Date(time).toTimeString().slice(0, 8)} ${happeningText(message, name)}`,
    );
    this.element = element(
      'article',
      {},
      element('p', { class: 'back' }, element('a', { href: '#/' }, '← All vassals')),
      element('div', { class: 'page-head' }, element('h1', { tabindex: '-1' }, name), this.#state),
      this.#reason,
      this.#buttons,
      this.#outcome,
      this.#plots.element,
      this.#facts,
      ...section('Events', this.#events.element),
      ...section('Output', this.#output.element),
      ...section('Processes', this.#processes),
      this.#more,
      ...section('Configuration', this.#configuration),
    );
    this.#buttons.append(...VERBS.map((verb) => this.#button(verb)));
  }

  /** To be called when the element is in the page. */
  async open(): Promise<void> {
    this.element.querySelector('h1')?.focus();
    const [samples, events, output] = await Promise.all([
      this.#samples(),
      pastLines('events', this.#name, PAST_EVENTS),
      pastLines('output', this.#name, PAST_LINES),
      this.#readConfiguration(),
    ]);
    for (const line of events) this.#events.add(line);
    for (const line of output) this.#output.add(line);
    await this.#plots.show(samples);
    this.#sampling = setInterval(
      () => void this.#samples().then((latest) => this.#plots.update(latest)),
      SAMPLES_EVERY_MS,
    );
  }

  update({ vassals, allowsWrites }: LiveStatus): void {
    const vassal = vassals.find(({ name }) => name === this.#name);
    this.#buttons.hidden = !allowsWrites || vassal === undefined;
    if (vassal === undefined) {
      this.#state.replaceChildren('There is no such vassal any more.');
      return;
    }
    this.#state.replaceChildren(stateBadge(vassal));
    const reason = reasonOf(vassal);
    this.#reason.className = healthOf(vassal);
    this.#reason.replaceChildren(...(reason === undefined ? [] : [reason]));
    this.#facts.replaceChildren(
      ...factsOf(vassal, Date.now())
        .filter(([what]) => !SHOWN_ELSEWHERE.has(what))
        .flatMap(([what, text]) => [element('dt', {}, what), element('dd', {}, text)]),
    );
  }

  /** What is shown of this one only. */
  detail(vassal: Vassal): void {
    this.#processes.textContent = processTree(vassal.figures?.processes ?? []).join('\n');
    this.#latest = vassal;
    this.#renderMore();
  }

  happened(line: EventLine): void {
    if (line.vassal !== this.#name) return;
    this.#events.add(line);
    if (READ_ANEW.has(line.event)) void this.#readConfiguration();
  }

  output(line: EventLine): void {
    this.#output.add(line);
  }

  close(): void {
    clearInterval(this.#sampling);
    this.#plots.close();
  }

  #samples(): Promise<Samples> {
    return ask<Samples>(`/samples?vassal=${encodeURIComponent(this.#name)}`);
  }

  #button(verb: (typeof VERBS)[number]): HTMLButtonElement {
    const button = element('button', { type: 'button' }, `${verb[0]?.toUpperCase()}${verb.slice(1)}`);
    button.addEventListener('click', () => void this.#perform(verb, button));
    return button;
  }

  async #perform(verb: (typeof VERBS)[number], button: HTMLButtonElement): Promise<void> {
    if (verb === 'stop' && !globalThis.confirm(`Stop ${this.#name}? It stays stopped until somebody starts it.`))
      return;
    button.disabled = true;
    this.#outcome.className = '';
    this.#outcome.textContent = `${verb}: waiting for the outcome …`;
    try {
      const { isDone, sentence, lines } = await ask<Outcome>(
        `/vassals/${encodeURIComponent(this.#name)}/${verb}`,
        'POST',
      );
      this.#outcome.textContent = [sentence, ...lines].join('\n');
      this.#outcome.className = isDone ? '' : 'problem';
    } catch (error) {
      this.#outcome.textContent = error instanceof Error ? error.message : String(error);
      this.#outcome.className = 'problem';
    }
    button.disabled = false;
  }

  async #readConfiguration(): Promise<void> {
    const { configuration, status } = await ask<VassalPage>(`/vassals/${encodeURIComponent(this.#name)}`);
    this.#told = configuration;
    this.#configuration.replaceChildren(...configurationOf(configuration, status.diagnostics));
    this.#renderMore();
  }

  /** What only some have. */
  #renderMore(): void {
    const now = Date.now();
    const blocks: [string, string[]][] = [
      ['Next runs', nextRunLines(this.#told?.nextRuns, now)],
      ['Jobs', jobLines(this.#told?.jobs)],
      ['Services', serviceLines(this.#latest?.figures?.services)],
    ];
    this.#more.replaceChildren(
      ...blocks
        .filter(([, lines]) => lines.length > 0)
        .flatMap(([title, lines]) => section(title, element('pre', { class: 'lines' }, lines.join('\n')))),
    );
  }
}

function section(title: string, content: HTMLElement): HTMLElement[] {
  return [element('h2', {}, title), content];
}

/** @param diagnostics what it wrote when it refused its configuration, if it did */
function configurationOf(
  configuration: VassalPage['configuration'],
  diagnostics: readonly string[] | undefined,
): HTMLElement[] {
  if (configuration === undefined) {
    return diagnostics === undefined
      ? [element('p', {}, 'It does not tell: it is not up, or no vassal of ours.')]
      : [element('pre', { class: 'lines problem' }, diagnostics.join('\n'))];
  }
  const { entries, problems } = configuration;
  // A problem begins with the place it is about: FILE:LINE:COLUMN.
  const isWrong = (origin: string): boolean => problems.some((problem) => problem.startsWith(`${origin}:`));
  const rows = entries.map(({ key, value, origin }) =>
    element(
      'tr',
      { class: isWrong(origin) ? 'wrong' : undefined },
      element('td', {}, value === '' ? key : `${key} = ${value}`),
      element('td', { class: 'origin' }, origin),
    ),
  );
  const wrong = problems.map((problem) => element('pre', { class: 'lines problem' }, problem));
  return [...wrong, element('table', { class: 'config' }, element('tbody', {}, ...rows))];
}

/** A log that stays at its end, unless somebody has scrolled up to read. */
class Lines {
  readonly element: HTMLPreElement = element('pre', { class: 'lines', tabindex: '0' });
  readonly #textOf: (line: EventLine) => string;

  constructor(textOf: (line: EventLine) => string) {
    this.#textOf = textOf;
  }

  add(line: EventLine): void {
    const { scrollTop, scrollHeight, clientHeight } = this.element;
    const isAtEnd = scrollTop + clientHeight >= scrollHeight - 4;
    this.element.append(element('span', { class: line.level }, `${this.#textOf(line)}\n`));
    while (this.element.childElementCount > LINES_KEPT) this.element.firstElementChild?.remove();
    if (isAtEnd) this.element.scrollTop = this.element.scrollHeight;
  }
}
