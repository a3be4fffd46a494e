import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { text } from 'node:stream/consumers';

const KIST = path.resolve(import.meta.dirname, '../../src/cli/kist.ts');

/** For tests of many commands: each is a process of its own, and a busy machine starts few a second. */
export const MANY_COMMANDS_MS = 120_000;

export interface Ended {
  status: number | null;
  stdout: string;
  stderr: string;
}

export interface Terminal {
  /** Runs `kist …` to its end. */
  kist(...args: string[]): Promise<Ended>;
  /** Runs `kist … --json` and reads its answer; throws what it said where it did not exit with 0. */
  answer<T = Record<string, unknown>>(...args: string[]): Promise<T>;
}

/** A terminal in which DATABASE_URL is set. */
export function terminalOn(databaseUrl: string, environment: Record<string, string> = {}): Terminal {
  const kist = async (...args: string[]) => ended(start(databaseUrl, args, environment));
  return {
    kist,
    answer: async (...args) => {
      const { status, stdout, stderr } = await kist(...args, '--json');
      if (status !== 0) throw new Error(`kist ${args.join(' ')} exited with ${status}: ${stderr}`);
      return JSON.parse(stdout);
    },
  };
}

export function start(
  databaseUrl: string,
  args: string[],
  environment: Record<string, string> = {},
): ChildProcess {
  const env = { ...process.env, DATABASE_URL: databaseUrl, REDIS_URL: '', ...environment };
  return spawn(process.execPath, [KIST, ...args], { env, stdio: ['pipe', 'pipe', 'pipe'] });
}

export async function ended(child: ChildProcess, input = ''): Promise<Ended> {
  child.stdin!.end(input);
  const status = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const [stdout, stderr] = await Promise.all([text(child.stdout!), text(child.stderr!)]);
  return { status: await status, stdout, stderr };
}
