export { EmperorError } from './emperor-error.ts';
export type { EmperorEvent, EmperorEventListener, VassalReport } from './events.ts';
export type { LogStyle } from './log/open-log.ts';
export { runEmperor, type EmperorProgram } from './run-emperor.ts';
export type { VassalCommand } from './vassal/vassal-command.ts';
