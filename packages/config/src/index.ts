export type { Diagnostic } from './diagnostic.ts';
export type { Entry, Origin } from './entry.ts';
