import { ZodError } from 'zod';
import { ConfigError } from '../config.ts';
import { isDatabaseAway, sqlState } from '../db/failures.ts';
import { EventError } from '../events/errors.ts';
import { ActionRefused, ApprovalError } from '../identity/approval-errors.ts';
import { IdentityError } from '../identity/errors.ts';
import { NotificationError, type NotificationErrorCode } from '../notifications/errors.ts';
import { TemplateError } from '../notifications/templates/errors.ts';
import { PaymentError } from '../payments/errors.ts';
import { ReconciliationError } from '../payments/reconciliation/errors.ts';
import type { Barred } from '../runtime/types.ts';

/** Every exit code of `kist`; printed by `kist --help`. */
export const EXIT = {
  ok: { status: 0, meaning: 'done' },
  no: { status: 1, meaning: 'the answer is no: not found, not verified, the job is dead, held or refused' },
  usage: { status: 2, meaning: 'wrong usage or input; nothing was done' },
  unreachable: { status: 3, meaning: 'database or carrier cannot be reached, or is not migrated' },
  refused: { status: 4, meaning: 'refused: not allowed, or not in this state' },
  fault: { status: 70, meaning: 'a fault in kist itself' },
  interrupted: { status: 130, meaning: 'ended by Ctrl-C' },
} as const;

export type Exit = keyof typeof EXIT;

/** Ends the command: a line `code: message` on stderr, and the exit code. */
export class CliError extends Error {
  override name = 'CliError';
  readonly exit: Exit;
  readonly code: string;
  /** One line each: wrong fields, what to do. */
  readonly details: readonly string[];

  constructor(exit: Exit, code: string, message: string, details: readonly string[] = []) {
    super(message);
    this.exit = exit;
    this.code = code;
    this.details = details;
  }
}

export function wrongInput(message: string, details: readonly string[] = []): CliError {
  return new CliError('usage', 'wrong-input', message, details);
}

export function notFound(message: string): CliError {
  return new CliError('no', 'not-found', message);
}

/** What was asked for takes two people: it waits for the other one. */
export function approvalRequired({ code, message, approval }: Barred): CliError {
  return new CliError('refused', code, message, [
    `Somebody else: kist approval show ${approval}, then approve it there, or at /console/approvals.`,
  ]);
}

const NOT_MIGRATED = new Set(['42P01', '42883', '42703', '3F000', '22023']);
const LOGIN_REFUSED = new Set(['28P01', '28000', '42501', '3D000']);

const NOTIFICATION_EXITS: Record<NotificationErrorCode, Exit> = {
  'not-found': 'no',
  'invalid-notification': 'usage',
  'unknown-provider': 'usage',
  'template-in-use': 'refused',
};

/** Reads whatever was thrown as one of the ends that a command may come to. */
export function asCliError(thrown: unknown): CliError {
  if (thrown instanceof CliError) return thrown;
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  if (error instanceof ConfigError) return new CliError('usage', 'configuration', error.message);
  if (error instanceof ZodError) return wrongInput('The input is wrong.', issueLines(error.issues));
  // How src/identity and src/ledger say that what they were given is wrong.
  if (error instanceof RangeError) return wrongInput(error.message);
  if (
    error instanceof ApprovalError ||
    error instanceof ActionRefused ||
    error instanceof EventError ||
    error instanceof PaymentError
  ) {
    return new CliError(error.code === 'not-found' ? 'no' : 'refused', error.code, error.message);
  }
  if (error instanceof ReconciliationError) {
    return new CliError('usage', error.code, error.message, error.details);
  }
  if (error instanceof NotificationError || error instanceof TemplateError) {
    const exit = error instanceof TemplateError ? 'usage' : NOTIFICATION_EXITS[error.code];
    const wrong = error.fields.map(({ pointer, message }) => `${pointer}: ${message}`);
    return new CliError(exit, error.code, error.message, wrong);
  }
  if (error instanceof IdentityError) return new CliError('refused', error.code, error.message);
  if (isDatabaseAway(error)) {
    return new CliError('unreachable', 'database-unreachable', deepest(error).message || 'No connection.');
  }
  const state = sqlState(error) ?? '';
  if (LOGIN_REFUSED.has(state)) {
    return new CliError('unreachable', 'database-refuses', deepest(error).message);
  }
  if (NOT_MIGRATED.has(state)) {
    const hint = 'Bring the database to this release with `kist migrate`.';
    return new CliError('unreachable', 'not-migrated', deepest(error).message, [hint]);
  }
  return new CliError('fault', 'fault', error.message, (error.stack ?? '').split('\n').slice(1));
}

export function issueLines(issues: readonly { path: readonly PropertyKey[]; message: string }[]): string[] {
  return issues.map(({ path, message }) => `${path.map(String).join('.') || 'input'}: ${message}`);
}

function deepest(error: Error): Error {
  for (let cause = error, depth = 0; ; depth += 1) {
    if (!(cause.cause instanceof Error) || depth >= 5) return cause;
    cause = cause.cause;
  }
}
