import { z } from 'zod';

const flag = z.enum(['true', 'false', '1', '0']).transform((text) => text === 'true' || text === '1');
const count = (max: number) => z.coerce.number().int().min(1).max(max);
const url = (...protocols: string[]) =>
  z.string().refine((text) => URL.canParse(text) && protocols.includes(new URL(text).protocol), {
    message: `must be a URL starting with ${protocols.join(' or ')}`,
  });

const LINK_ORIGIN_LENGTH_MAX = 200;
const isOutside = ({ protocol, hostname }: URL) =>
  protocol === 'https:' || (protocol === 'http:' && ['127.0.0.1', 'localhost'].includes(hostname));
const publicUrl = z
  .string()
  .max(LINK_ORIGIN_LENGTH_MAX)
  .refine((text) => URL.canParse(text) && isOutside(new URL(text)) && !/[?#]/.test(text), {
    message: 'must be a URL starting with https:, without ? and # (http: on this machine alone)',
  })
  .transform((text) => text.replace(/\/+$/, ''));

/** Every setting there is, its default beside it; README's table is checked against this list. */
export const settings = z.object({
  DATABASE_URL: url('postgres:', 'postgresql:').optional(),
  REDIS_URL: url('redis:', 'rediss:').optional(),
  KIST_REDIS_CLUSTER: flag.default(false),
  KIST_DATA: z.string().min(1).default('.kist'),
  KIST_HOST: z.string().min(1).default('127.0.0.1'),
  KIST_PORT: z.coerce.number().int().min(0).max(65_535).default(7300),
  KIST_OPS_PORT: z.coerce.number().int().min(0).max(65_535).default(7301),
  KIST_PUBLIC_URL: publicUrl.optional(),
  KIST_TRUSTED_PROXIES: z.string().default(''),
  KIST_ENVIRONMENT: z.string().min(1).max(40).default('development'),
  KIST_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  KIST_WORKER_CONCURRENCY: count(2_000).default(128),
  KIST_DATABASE_CONNECTIONS: count(500).default(16),
  KIST_SWEEP_INTERVAL_MS: count(600_000).default(5_000),
  KIST_SWEEP_AFTER_MS: count(600_000).default(20_000),
  KIST_SHUTDOWN_MS: count(600_000).default(25_000),
  KIST_RETENTION_DAYS: count(3_650).default(30),
  KIST_SEAL_KEY: z.string().optional(),
  KIST_SECRET_KEY: z.string().optional(),
  KIST_SECRET_KEYS: z.string().optional(),
  KIST_WEBHOOK_ALLOW_PRIVATE: flag.default(false),
  KIST_BUREAU_URL: url('http:', 'https:').default('http://127.0.0.1:7310'),
  KIST_GATEWAY_CALLS: count(1_000).default(16),
  KIST_RAZORPAY_URL: url('http:', 'https:').default('https://api.razorpay.com'),
  KIST_BREVO_URL: url('http:', 'https:').default('https://api.brevo.com'),
  KIST_TWO_FACTOR_URL: url('http:', 'https:').default('https://2factor.in'),
  KIST_FCM_URL: url('http:', 'https:').default('https://fcm.googleapis.com'),
  KIST_NOTIFICATION_ALLOW_PRIVATE: flag.default(false),
  KIST_NOTIFICATION_CALLS: count(1_000).default(32),
  KIST_CREDIT_BACKLOG_MAX: count(1_000_000).default(10_000),
  OTEL_EXPORTER_OTLP_ENDPOINT: url('http:', 'https:').optional(),
});

export type Config = Readonly<z.infer<typeof settings>>;

export class ConfigError extends Error {
  override name = 'ConfigError';
}

/**
 * Reads the settings from the environment, once, into a frozen object.
 * @throws ConfigError naming every wrong setting, and every unknown KIST_… one with the nearest name.
 */
export function readConfig(environment: Record<string, string | undefined> = process.env): Config {
  const known = Object.keys(settings.shape);
  const problems = Object.keys(environment)
    .filter((name) => name.startsWith('KIST_') && !known.includes(name))
    .map((name) => `${name}: no such setting; did you mean ${nearest(name, known)}?`);
  const given = Object.fromEntries(Object.entries(environment).filter(([, text]) => text !== ''));
  const parsed = settings.safeParse(given);
  if (!parsed.success) {
    problems.push(...parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`));
  }
  if (!parsed.success || problems.length > 0) {
    throw new ConfigError(`The configuration is wrong:\n  ${problems.join('\n  ')}`);
  }
  return Object.freeze(parsed.data);
}

function nearest(name: string, known: string[]): string {
  const distances = known.map((candidate) => ({ candidate, distance: editDistance(name, candidate) }));
  return distances.sort((a, b) => a.distance - b.distance)[0]!.candidate;
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const substitution = previous[column - 1]! + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(previous[column]! + 1, current[column - 1]! + 1, substitution));
    }
    previous = current;
  }
  return previous[b.length]!;
}
