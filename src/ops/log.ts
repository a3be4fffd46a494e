import { type DestinationStream, type Logger, pino } from 'pino';
import type { Config } from '../config.ts';
import type { RuntimeEvents } from '../runtime/events.ts';

const CENSORED = '[redacted]';

/** What may carry a secret or a person's data, wherever somebody logs it. Rows' payloads are never logged. */
const REDACTED_FIELDS = [
  'authorization',
  'cookie',
  'password',
  'secret',
  'token',
  'payload',
  'result',
  'intent',
  'name_of_person',
  'email',
  'phone',
  'pan',
  'aadhaar',
  'account_number',
  'vpa',
  'key_secret',
  'webhook_secret',
];

const REDACTED_PATHS = [
  ...REDACTED_FIELDS.flatMap((field) => [field, `*.${field}`]),
  'req.headers.authorization',
  'req.headers.cookie',
  'res.headers["set-cookie"]',
];

/**
 * The log of one process: JSON lines with ISO times, secrets and personal data cut out.
 * @param destination where lines go; standard output if not given
 */
export function createLog(config: Pick<Config, 'KIST_LOG_LEVEL'>, destination?: DestinationStream): Logger {
  const options = {
    level: config.KIST_LOG_LEVEL,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: REDACTED_PATHS, censor: CENSORED },
  };
  return destination ? pino(options, destination) : pino(options);
}

/**
 * Writes a line for each thing that happens to a job, always with job id, kind, key, tenant and attempt.
 * The good case is `debug`, what mends itself `info`, what needs somebody's eye `warn`.
 * @returns a function that ends the subscription.
 */
export function logEvents(events: RuntimeEvents, log: Logger): () => void {
  const subscriptions: (() => void)[] = [];
  const on: RuntimeEvents['on'] = (name, listener) => {
    subscriptions.push(() => events.off(name, listener));
    return events.on(name, listener);
  };
  on('accepted', (about) => log.debug(about, 'jobs accepted'));
  on('done', ({ id, ...about }) => log.debug({ job: id, ...about }, 'job done'));
  on('retried', ({ id, ...about }) => log.info({ job: id, ...about }, 'job will be tried again'));
  on('snoozed', ({ id, ...about }) => log.debug({ job: id, ...about }, 'job snoozed'));
  on('dead', ({ id, ...about }) => log.warn({ job: id, ...about }, 'job is dead'));
  on('held', ({ id, ...about }) => log.warn({ job: id, ...about }, 'job is held'));
  on('cancelled', ({ id, ...about }) => log.info({ job: id, ...about }, 'job cancelled'));
  on('redriven', ({ id, ...about }) => log.info({ job: id, ...about }, 'job redriven'));
  on('swept', (about) => about.dispatched > 0 && log.info(about, 'sweeper dispatched again'));
  on('dispatch-failed', ({ error, ...about }) =>
    log.warn({ ...about, err: error }, 'dispatch failed; the sweeper will do it'),
  );
  on('carrier-error', ({ error, ...about }) => log.warn({ ...about, err: error }, 'carrier error'));
  return () => {
    for (const end of subscriptions) end();
  };
}
