import type { LiveStatus } from './api.ts';
import { byId } from './dom.ts';
import { ago } from './format.ts';
import { healthOf } from './health.ts';
import { listen } from './live.ts';
import { Overview } from './overview.ts';
import { VassalView } from './vassal-view.ts';

/** What the hash of the address asks for: the list, or one vassal. */
function wantedVassal(): string | undefined {
  const encoded = /^#\/vassals\/(.+)$/.exec(location.hash)?.[1];
  return encoded === undefined ? undefined : decodeURIComponent(encoded);
}

const overview = new Overview();
let view: VassalView | undefined;
let stopListening: (() => void) | undefined;
let latest: LiveStatus | undefined;

function onStatus(status: LiveStatus): void {
  latest = status;
  byId('summary').textContent = summary(status);
  if (view === undefined) overview.update(status);
  else view.update(status);
}

function summary({ vassals, since }: LiveStatus): string {
  const ill = vassals.filter((vassal) => healthOf(vassal) === 'ill').length;
  const state = ill === 0 ? 'all well' : `${ill} unwell`;
  return `${vassals.length} ${vassals.length === 1 ? 'vassal' : 'vassals'}, ${state} · emperor up for ${ago(since, Date.now())}`;
}

function show(): void {
  const name = wantedVassal();
  view?.close();
  stopListening?.();
  view = name === undefined ? undefined : new VassalView(name);
  byId('view').replaceChildren((view ?? overview).element);
  document.title = name === undefined ? 'Emperor' : `${name} · Emperor`;
  stopListening = listen(name, {
    onStatus,
    onVassal: (vassal) => view?.detail(vassal),
    onHappened: (line) => view?.happened(line),
    onOutput: (line) => view?.output(line),
    onConnection: (isOpen) => (byId('connection').hidden = isOpen),
  });
  if (latest !== undefined) onStatus(latest);
  void view?.open();
}

function onKey(event: KeyboardEvent): void {
  const isTyping = event.target instanceof HTMLInputElement;
  if (event.key === 'Escape') {
    if (isTyping) event.target.blur();
    else location.hash = '#/';
    return;
  }
  if (isTyping || event.ctrlKey || event.metaKey || event.altKey || view !== undefined) return;
  if (event.key === '/') overview.focusSearch();
  else if (event.key === 'j' || event.key === 'ArrowDown') overview.move(1);
  else if (event.key === 'k' || event.key === 'ArrowUp') overview.move(-1);
  else return;
  event.preventDefault();
}

addEventListener('hashchange', show);
addEventListener('keydown', onKey);
show();
