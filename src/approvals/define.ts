import type { z } from 'zod';
import type { AnyApprovable, Approvable } from '../identity/approvable.ts';
import { ActionRefused } from '../identity/approval-errors.ts';
import { LoanError } from '../loans/errors.ts';
import type { InTransaction } from '../runtime/types.ts';

/** An action whose last vote may do whatever a transaction of the runtime may do. */
export type Action = AnyApprovable<InTransaction>;

/**
 * Defines what one person proposes and others agree to: one file in this folder each, which
 * default-exports it and is named after it. What a domain refuses is a refusal of the action.
 */
export function defineAction<Request extends z.ZodObject, Facts extends object>(
  given: Approvable<InTransaction, Request, Facts>,
): Action {
  const action = given as unknown as Action;
  return {
    ...action,
    facts: (tx, request, occasion) => refusing(() => action.facts(tx, request, occasion)),
    apply: (tx, payload, granted) => refusing(() => action.apply(tx, payload, granted)),
  };
}

async function refusing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof LoanError) throw new ActionRefused(error.code, error.message);
    throw error;
  }
}
