/**
 * The closed vocabulary in which a handler ends. It returns a result (done), or throws one of these;
 * anything else thrown counts as Retry. In a group, a handler may also return one of these in the
 * place of one job's result, provided it has written nothing for that job.
 */
export abstract class Outcome extends Error {
  abstract readonly word: 'retry' | 'snooze' | 'refuse' | 'hold' | 'cancel';
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/** Transient: try again after a backoff with full jitter, or after what the provider asked for. */
export class Retry extends Outcome {
  readonly word = 'retry';
  readonly after_ms: number | undefined;

  constructor(code: string, message: string, options: ErrorOptions & { after_ms?: number } = {}) {
    super(code, message, options);
    this.after_ms = options.after_ms;
  }
}

/** Not now; costs no attempt. */
export class Snooze extends Outcome {
  readonly word = 'snooze';
  readonly after_ms: number;

  constructor(code: string, message: string, after_ms: number) {
    super(code, message);
    this.after_ms = after_ms;
  }
}

/** This can never succeed: dead at once. A business no is a result, not a refusal. */
export class Refuse extends Outcome {
  readonly word = 'refuse';
}

/** A person or a reopened lane must decide: no machine tries this again. */
export class Hold extends Outcome {
  readonly word = 'hold';
}

/** No longer wanted, or no longer true. */
export class Cancel extends Outcome {
  readonly word = 'cancel';
}

/** Reads anything thrown as a word of the vocabulary. */
export function asOutcome(thrown: unknown): Outcome {
  if (thrown instanceof Outcome) return thrown;
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const code = (error as { code?: unknown }).code;
  return new Retry(typeof code === 'string' ? code : 'unexpected', error.message, { cause: error });
}
