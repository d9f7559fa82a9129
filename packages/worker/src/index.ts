export { AppServer, type StepOutcome } from './app-server.ts';
export { AppFigures } from './app-figures.ts';
export { memoryUsage } from './memory-usage.ts';
export type { AppServerEvent } from './events.ts';
export type { AppServerLog, AppServerSettings, AppSource } from './settings.ts';
export type { CheaperAlgorithmName, CheaperSettings } from './cheaper.ts';
export type { LifetimeLimits } from './lifetime.ts';
export type { CoreInfo, RunningRequest, WorkCounts, WorkerAppInfo, WorkerInfo } from './worker-info.ts';
