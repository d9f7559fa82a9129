import type { EventLine, LiveStatus, Vassal } from './api.ts';

export interface LiveListener {
  onStatus(status: LiveStatus): void;
  /** Everything about the one whose output is wanted. */
  onVassal(vassal: Vassal): void;
  onHappened(line: EventLine): void;
  onOutput(line: EventLine): void;
  /** The browser tries again by itself. */
  onConnection(isOpen: boolean): void;
}

/** Listens to the emperor. @param vassal whose output is wanted too @returns what ends it */
export function listen(vassal: string | undefined, listener: LiveListener): () => void {
  const source = new EventSource(vassal === undefined ? '/live' : `/live?vassal=${encodeURIComponent(vassal)}`);
  source.addEventListener('status', ({ data }) => listener.onStatus(JSON.parse(data) as LiveStatus));
  source.addEventListener('vassal', ({ data }) => listener.onVassal(JSON.parse(data) as Vassal));
  source.addEventListener('happened', ({ data }) => listener.onHappened(JSON.parse(data) as EventLine));
  source.addEventListener('output', ({ data }) => listener.onOutput(JSON.parse(data) as EventLine));
  source.addEventListener('open', () => listener.onConnection(true));
  source.addEventListener('error', () => listener.onConnection(false));
  return () => source.close();
}
