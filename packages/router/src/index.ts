export { Counters } from './counters.ts';
export { createListenerServer, type ListenerSettings } from './listener.ts';
export { Pipeline, type PipelineSettings } from './pipeline.ts';
export { type Backend, BackendGroup } from './proxy/backend-group.ts';
export { UwsgiUpstream, type UwsgiUpstreamSettings } from './proxy/uwsgi-upstream.ts';
export { ctime } from './log/ctime.ts';
export { LogTargetError } from './log/log-target.ts';
export { type LogOptions, type Logs, openLogs } from './log/open-logs.ts';
export { RequestLogger } from './log/request-logger.ts';
