import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import type { FaultPoint } from '../../src/runtime/faults.ts';
import type { Orders } from './worker-process.ts';

const WORKER = 'worker-process.ts';

export interface Doomed {
  process: ChildProcess;
  /** Resolves once it says something: that it has done what it was ordered to start. */
  ready: Promise<unknown>;
  /** Resolves with the signal or code it ended by, and what it wrote to stderr. */
  ended: Promise<{ signal: string | null; code: number | null; said: string }>;
}

/** Starts a process that carries out the orders, killed at `fault` where one is given. */
export function startProcess(orders: Orders, fault?: FaultPoint): Doomed {
  return startProgram(WORKER, orders, fault);
}

/** As startProcess, of another program of this folder. */
export function startProgram(name: string, orders: object, fault?: FaultPoint): Doomed {
  const env = {
    ...process.env,
    NODE_ENV: 'test',
    KIST_TEST_ORDERS: JSON.stringify(orders),
    ...(fault ? { KIST_TEST_FAULT: `${fault}:kill` } : {}),
  };
  return watch(
    spawn(process.execPath, [path.resolve(import.meta.dirname, name)], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  );
}

/** Sees to it that the process does not outlive its test. */
export function watch(child: ChildProcess): Doomed {
  onTestFinished(() => void child.kill('SIGKILL'));
  let said = '';
  child.stderr?.on('data', (chunk) => {
    said += chunk;
  });
  const ended = once(child, 'exit').then(([code, signal]) => ({ code, signal, said }));
  const ready = child.stdout ? once(child.stdout, 'data') : ended;
  return { process: child, ready, ended };
}

/** A payment provider that remembers which key each payment came under. */
export async function startProvider(): Promise<{
  url: string;
  /** The provider keys of each payment's calls, in order. */
  calls: Map<string, string[]>;
  close(): void;
}> {
  const calls = new Map<string, string[]>();
  const server = createServer((request, response) => {
    const [, key, name] = request.url!.split('/').map(decodeURIComponent);
    calls.set(name!, [...(calls.get(name!) ?? []), key!]);
    response.end('{}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  return { url: `http://127.0.0.1:${port}`, calls, close: () => server.close() };
}
