import type { Config, ConfigSource } from '@emperor/config';
import { Instance, obeySignals, StartError } from '@emperor/instance';
import { NodeTransport } from '@emperor/transport';

/** Runs one instance to its end. @returns the exit code */
export async function runInstance(
  config: Config,
  source: ConfigSource,
  complain: (text: string) => void,
): Promise<number> {
  const instance = new Instance(source, new NodeTransport());
  obeySignals(instance);
  try {
    return await instance.run(config);
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    complain(error.message);
    return error.exitCode;
  }
}
