import { type ChildProcess, spawn } from 'node:child_process';
import { Redis } from 'ioredis';
import { freePort } from '../../db/embedded.ts';

const PROGRAMS = ['redis-server', 'valkey-server'];

export interface PrivateRedis {
  url: string;
  port: number;
  process: ChildProcess;
}

/** A Redis of one's own in memory, as Kist wants it; null where neither program is on PATH. */
export async function startRedis(options: {
  /** Where it would write, if it wrote. */
  folder: string;
  port?: number;
  flags?: readonly string[];
}): Promise<PrivateRedis | null> {
  for (const program of PROGRAMS) {
    const port = options.port ?? (await freePort());
    const flags = [
      ...['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'],
      ...['--maxmemory-policy', 'noeviction', ...(options.flags ?? [])],
    ];
    const child = spawn(program, flags, { stdio: 'ignore', cwd: options.folder, detached: true });
    const started = await new Promise((resolve) => {
      child.once('spawn', () => resolve(true)).once('error', () => resolve(false));
    });
    if (!started) continue;
    const url = `redis://127.0.0.1:${port}`;
    await commandRedis(url, (client) => client.ping());
    return { url, port, process: child };
  }
  return null;
}

/** One command to a Redis that is there, or is just starting. */
export async function commandRedis(url: string, command: (client: Redis) => Promise<unknown>): Promise<void> {
  const client = new Redis(url, { maxRetriesPerRequest: null, retryStrategy: () => 20 });
  client.on('error', () => {});
  await command(client);
  client.disconnect();
}
