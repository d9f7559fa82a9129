export { EmperorError } from './emperor-error.ts';
export type { EmperorEvent, EmperorEventListener, VassalReport } from './events.ts';
export {
  ADMIN_COMMANDS,
  runAdminCommand,
  type AdminCommand,
  type AdminReply,
  type AdminRequest,
} from './admin/commands.ts';
export { commandSocketIn, runtimeDirectoryPath } from './runtime-directory.ts';
export type { LogStyle } from './log/open-log.ts';
export { runEmperor, type EmperorProgram } from './run-emperor.ts';
export type { VassalCommand } from './vassal/vassal-command.ts';
