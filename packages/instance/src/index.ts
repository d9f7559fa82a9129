export { Instance } from './instance.ts';
export { obeySignals } from './signals.ts';
export { ExitCode, StartError } from './start-error.ts';
