import { type Config, type ConfigSource, formatDiagnostic, loadConfig } from '@emperor/config';
import type { ControlConfiguration } from '@emperor/protocol';

/** Variables whose values are nobody's business. */
const SECRET = /^[^=]*(?:SECRET|PASSWORD|PASSWD|TOKEN|KEY|CREDENTIAL)[^=]*=/i;

/** What an instance runs with, for its operator, and what would be wrong if its files were read now. */
export function runningConfiguration(config: Config | undefined, source: ConfigSource): ControlConfiguration {
  const { diagnostics } = loadConfig({ ...source, isReload: true });
  const entries = (config?.entries ?? []).map(({ key, value, origin }) => ({
    key,
    value: SECRET.test(value) && key === 'env' ? value.replace(/=.*/s, '=…') : value,
    origin: origin.line > 0 ? `${origin.source}:${origin.line}` : origin.source,
  }));
  return { entries, problems: diagnostics.map(formatDiagnostic) };
}
