import type { Config, ConfigSource } from '@emperor/config';
import { Instance, obeySignals, StartError } from '@emperor/instance';
import { createTransport, type TransportKind } from '@emperor/transport';

/** `loop` names ours; uWSGI's own (gevent, asyncio) are about its workers and change nothing here. */
function transportKind(loop: string | undefined): TransportKind {
  return loop === 'node' || loop === 'epoll' ? loop : 'auto';
}

/** Runs one instance to its end. @returns the exit code */
export async function runInstance(
  config: Config,
  source: ConfigSource,
  complain: (text: string) => void,
): Promise<number> {
  const instance = new Instance(source, createTransport(transportKind(config.options.loop)));
  obeySignals(instance);
  try {
    return await instance.run(config);
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    complain(error.message);
    return error.exitCode;
  }
}
