import type { z } from 'zod';
import type { Transaction } from '../db/pools.ts';

/** When, and for whom, something is proposed or looked at again. */
export interface Occasion {
  tenant: string;
  /** By the business clock. */
  now: Date;
}

/** What an action is applied with. */
export interface Granted<Means> extends Occasion {
  /** The approval's id. */
  approval: string;
  proposed_by: string;
  /** Those who approved, in the order of their votes; the last one's vote applies it. */
  approvers: readonly string[];
  /** What else the transaction can do: accept jobs, act on them. */
  means: Means;
}

/** A savepoint: where `work` throws, nothing of it stays, whatever else the transaction does. */
export interface Attempting {
  attempt<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
}

/**
 * A kind of thing that one person proposes and others must agree to. What they agree to is the payload:
 * what was asked for, and the facts it rests on.
 */
export interface Approvable<Means, Request extends z.ZodObject, Facts extends object> {
  /** `noun.verb`, unique, stable for ever; also the name of its file. */
  action: string;
  summary: string;
  /** What proposing it takes, and what voting on it takes. */
  scope: { propose: string; approve: string };
  /** What is asked for. */
  request: Request;
  /**
   * What is so now and the decision rests on, as JSON; looked up when it is proposed, and again when it
   * is to be applied: if it is not the same any more, nothing is applied. So what changes by itself, such
   * as a balance, is none of these.
   * @throws ActionRefused where it cannot be done
   */
  facts(tx: Transaction, request: z.output<Request>, occasion: Occasion): Promise<Facts>;
  /** A sentence for people. */
  describe(payload: z.output<Request> & Facts): string;
  /** What it is about in money, which decides how many must approve; left out where there is none. */
  amount?(payload: z.output<Request> & Facts): string | null;
  /** Who may neither propose it nor vote on it. */
  barred?(payload: z.output<Request> & Facts): readonly string[];
  /**
   * Does it, in the transaction of the last vote. @returns what it made, as JSON
   * @throws ActionRefused where it cannot be done after all
   */
  apply(tx: Transaction, payload: z.output<Request> & Facts, granted: Granted<Means>): Promise<object>;
}

/** Any action, as the engine sees it. */
export type AnyApprovable<Means> = Approvable<Means, z.ZodObject, Record<string, unknown>>;
