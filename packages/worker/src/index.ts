export { AppServer, type StepOutcome } from './app-server.ts';
export type { AppServerEvent } from './events.ts';
export type { AppServerLog, AppServerSettings, AppSource, CheaperSettings } from './settings.ts';
export type { WorkerInfo } from './slot.ts';
