import type { Program } from '../rig/program.ts';
import type { Rig } from '../rig/rig.ts';

export interface RedisServer {
  readonly program: Program;
  readonly port: number;
}

/** Starts a server that keeps what it holds over a stop, as people's do; at a port that one before it had, where given. */
export async function startRedis(rig: Rig, given?: number): Promise<RedisServer> {
  const port = given ?? (await rig.port());
  const place = ['--bind', '127.0.0.1', '--port', String(port), '--dir', rig.directory];
  const program = await rig.start(['redis-server', ...place, '--save', '3600 1', '--daemonize', 'no']);
  await program.waitForLog(/Ready to accept connections/);
  return { program, port };
}
