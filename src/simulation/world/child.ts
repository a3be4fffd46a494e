import { type ChildProcess, fork } from 'node:child_process';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Answer, Message, Orders } from './process.ts';

const PROGRAM = path.join(import.meta.dirname, 'process.ts');
/** Where Node keeps by default what it compiled: halves the start of a process, and a life starts many. */
const COMPILED = path.join(tmpdir(), 'node-compile-cache');
const STOP_MS_MAX = 8_000;

/** A process of the simulated installation, as its parent sees it. */
export class Child {
  readonly name: string;
  readonly #process: ChildProcess;
  readonly #ready = Promise.withResolvers<string | null>();
  readonly #ended = Promise.withResolvers<void>();
  readonly #moves = new Map<number, () => void>();
  #moved = 0;
  #is_over = false;

  private constructor(name: string, child: ChildProcess, onCrash: (reason: string) => void) {
    this.name = name;
    this.#process = child;
    this.#ready.promise.catch(() => {});
    child.on('message', (answer: Answer) => {
      if ('ready' in answer) return this.#ready.resolve(answer.ready.url);
      this.#moves.get(answer.moved)?.();
      this.#moves.delete(answer.moved);
    });
    child.once('exit', (code, signal) => {
      const reason = `${name} ended with ${signal ?? code}`;
      if (!this.#is_over) onCrash(reason);
      this.#is_over = true;
      this.#ready.reject(new Error(reason));
      for (const moved of this.#moves.values()) moved();
      this.#ended.resolve();
    });
  }

  /** @param onCrash told where it ends by itself */
  static async start(
    name: string,
    orders: Orders,
    { log, onCrash }: { log: string; onCrash: (reason: string) => void },
  ): Promise<Child> {
    const file = await open(log, 'a');
    const env = { NODE_COMPILE_CACHE: COMPILED, ...process.env };
    const child = fork(PROGRAM, [], { env, stdio: ['ignore', file.fd, file.fd, 'ipc'] });
    await file.close();
    child.send(orders);
    return new Child(name, child, onCrash);
  }

  /** Resolves once it works, with the address of its API where it has one. */
  get ready(): Promise<string | null> {
    return this.#ready.promise;
  }

  /** Moves its clock; resolves when that is done, or when the process is no more. */
  async moveTo(now: Date): Promise<void> {
    if (this.#is_over) return;
    this.#moved += 1;
    const number = this.#moved;
    const moved = new Promise<void>((resolve) => this.#moves.set(number, resolve));
    this.#send({ move: now.toISOString(), number });
    await moved;
  }

  /** SIGKILL: no goodbye. */
  async kill(): Promise<void> {
    this.#is_over = true;
    this.#process.kill('SIGKILL');
    await this.#ended.promise;
  }

  /** Asks it to stop, and kills it where it does not in time. */
  async stop(): Promise<void> {
    if (this.#is_over) return;
    this.#is_over = true;
    this.#send({ stop: true });
    await Promise.race([this.#ended.promise, pause(STOP_MS_MAX, undefined, { ref: false })]);
    this.#process.kill('SIGKILL');
    await this.#ended.promise;
  }

  #send(message: Message): void {
    // One that is ending has nothing to hear.
    this.#process.send(message, () => {});
  }
}
