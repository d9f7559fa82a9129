export { type BackendText, parseBackend } from './backend.ts';
export { parseAddress, type SocketAddressText } from './address.ts';
export { ConfigError } from './config-error.ts';
export { formatDiagnostic, type Diagnostic } from './diagnostic.ts';
export type { Entry, Origin } from './entry.ts';
export { loadConfig, type Config, type ConfigSource, type LoadResult } from './load.ts';
export { UWSGI_VERSION } from './magic-variables.ts';
export { showConfig } from './show-config.ts';
export type { OptionName, Options, Scope } from './option-table.ts';
