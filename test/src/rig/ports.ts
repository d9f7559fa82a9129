import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

/**
 * Below the ports that Linux gives to outgoing connections and to listeners on port 0 (`ip_local_port_range`, from 32768 by
 * default): nobody gets one of these by chance between the moment it is handed out and the moment it is listened on.
 */
const firstPort = 10_240;
const endPort = 32_768;

/** Ports are claimed a block at a time: as many as a file of tests needs. */
const blockSize = 64;

const blockCount = (endPort - firstPort) / blockSize;

/** The ports of the claimed block that were not handed out yet. */
const unused: number[] = [];

/** A TCP port of 127.0.0.1 that is free, and that is handed out once: neither this process nor another one gets it again while this one lives. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = unused.shift();
    if (port === undefined) unused.push(...(await claimBlock()));
    else if (await canListen(port)) return port;
  }
}

/**
 * A block of ports for this process alone. The claim is an abstract UNIX socket (unix(7)) that is listened on until the process
 * ends: the kernel decides between two claimants, and leaves nothing behind of one that was killed.
 */
async function claimBlock(): Promise<number[]> {
  for (let tried = 0; tried < blockCount; tried++) {
    const block = (process.pid + tried) % blockCount;
    if ((await listen({ path: `\0emperor-test-ports-${block}` }))?.unref() !== undefined)
      return Array.from({ length: blockSize }, (_, index) => firstPort + block * blockSize + index);
  }
  throw new Error(`all ports from ${firstPort} to ${endPort - 1} are claimed by processes that run tests`);
}

async function canListen(port: number): Promise<boolean> {
  const server = await listen({ port, host: '127.0.0.1' });
  if (server === undefined) return false;
  server.close();
  await once(server, 'close');
  return true;
}

/** Undefined where somebody listens already. */
async function listen(address: { path: string } | { port: number; host: string }): Promise<Server | undefined> {
  const server = createServer();
  const outcome = Promise.withResolvers<Server | undefined>();
  server.once('listening', () => outcome.resolve(server));
  server.once('error', (error: NodeJS.ErrnoException) =>
    error.code === 'EADDRINUSE' ? outcome.resolve(undefined) : outcome.reject(error),
  );
  server.listen(address);
  return outcome.promise;
}
