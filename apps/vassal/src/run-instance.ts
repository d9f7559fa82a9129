import type { ConfigSource, Config, Diagnostic } from '@emperor/config';
import { Instance, obeySignals, StartError } from '@emperor/instance';
import { createTransport, type TransportKind } from '@emperor/transport';

/** `loop` names ours; uWSGI's own (gevent, asyncio) are about its workers and change nothing here. */
function transportKind(loop: string | undefined): TransportKind {
  return loop === 'node' || loop === 'epoll' ? loop : 'auto';
}

/** Runs one instance to its end. @param diagnostics what is wrong with its configuration all the same @returns the exit code */
export async function runInstance(
  config: Config,
  diagnostics: readonly Diagnostic[],
  source: ConfigSource,
  complain: (text: string) => void,
): Promise<number> {
  const instance = new Instance(source, createTransport(transportKind(config.options.loop)));
  obeySignals(instance);
  try {
    return await instance.run(config, diagnostics);
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    complain(error.message);
    return error.exitCode;
  }
}
