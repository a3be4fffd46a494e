import { parseArgs } from 'node:util';
import { MODEST_FAULTS, NO_FAULTS } from './faults.ts';
import { ALL_GATEWAY_FAULTS, MODEST_GATEWAY_FAULTS, NO_GATEWAY_FAULTS } from './gateway/faults.ts';
import { SANDBOX_ACCOUNT } from './gateway/settings.ts';
import { ALL_NOTICE_FAULTS, MODEST_NOTICE_FAULTS, NO_NOTICE_FAULTS } from './notices/faults.ts';
import { type NoticeOptions, type ReceiptTarget, SANDBOX_NOTICE_ACCOUNT } from './notices/settings.ts';
import { type Sandbox, type SandboxOptions, SEED, startSandbox } from './sandbox.ts';

const HELP = `Usage: npm run sandbox -- [options]

  --port N               where to listen, on 127.0.0.1 (7310)
  --file FILE            keeps the gateway's state there, across restarts (in memory)
  --seed N               the same seed brings the same faults (${SEED})
  --faults NAME          modest, none or all (modest)
  --webhook-url URL      where events go (nowhere)
  --webhook-secret TEXT  what they are signed with
  --key-id TEXT          the lender's credentials (${SANDBOX_ACCOUNT.key_id})
  --key-secret TEXT      (${SANDBOX_ACCOUNT.key_secret})
  --delay-ms N           how long gateway and notification providers take to answer (0)
  --smtp-port N          where mail is taken (the port after --port)
  --notices-file FILE    keeps what was delivered there, across restarts (in memory)
  --brevo-webhook URL    where Brevo's receipts go (nowhere)
  --two-factor-webhook URL  where 2Factor's receipts go (nowhere)

Plays the credit bureau, the payment gateway, Brevo, 2Factor, Firebase and a mail server; docs/sandbox.md tells how
to move its clock and script faults.`;

const FAULTS = {
  none: { bureau: NO_FAULTS, gateway: NO_GATEWAY_FAULTS, notices: NO_NOTICE_FAULTS },
  modest: { bureau: MODEST_FAULTS, gateway: MODEST_GATEWAY_FAULTS, notices: MODEST_NOTICE_FAULTS },
  all: { bureau: MODEST_FAULTS, gateway: ALL_GATEWAY_FAULTS, notices: ALL_NOTICE_FAULTS },
};
const PORT = 7_310;
const PORT_MAX = 65_535;
const DELAY_MS_MAX = 600_000;

class UsageError extends Error {}

interface Asked {
  options: SandboxOptions;
  /** What a person is told of them. */
  lines: string[];
}

/** @throws UsageError that names what is wrong */
function readArguments(words: string[]): Asked | 'help' {
  const text = { type: 'string' } as const;
  const given = parsed(() =>
    parseArgs({
      args: words,
      options: {
        ...{ port: text, file: text, seed: text, faults: text, 'webhook-url': text, 'webhook-secret': text },
        ...{ 'key-id': text, 'key-secret': text, 'delay-ms': text, help: { type: 'boolean', short: 'h' } },
        ...{ 'smtp-port': text, 'notices-file': text, 'brevo-webhook': text, 'two-factor-webhook': text },
      },
    }),
  ).values;
  if (given.help) return 'help';
  const seed = whole('seed', given.seed, SEED, Number.MAX_SAFE_INTEGER);
  const level = given.faults ?? 'modest';
  if (!Object.hasOwn(FAULTS, level)) throw new UsageError(`--faults is none, modest or all, not ${level}.`);
  const faults = FAULTS[level as keyof typeof FAULTS];
  const webhook = webhookOf(given['webhook-url'], given['webhook-secret']);
  const account = {
    ...SANDBOX_ACCOUNT,
    key_id: filled('key-id', given['key-id']) ?? SANDBOX_ACCOUNT.key_id,
    key_secret: filled('key-secret', given['key-secret']) ?? SANDBOX_ACCOUNT.key_secret,
    ...(webhook ? { webhook } : {}),
  };
  const file = filled('file', given.file);
  const delay_ms = whole('delay-ms', given['delay-ms'], 0, DELAY_MS_MAX);
  const gateway = { accounts: [account], faults: faults.gateway, delay_ms, ...(file ? { file } : {}) };
  const port = whole('port', given.port, PORT, PORT_MAX);
  const notices: NoticeOptions = {
    ...{ faults: faults.notices, delay_ms },
    smtp_port: whole('smtp-port', given['smtp-port'], port === 0 ? 0 : port + 1, PORT_MAX),
    accounts: [
      {
        ...SANDBOX_NOTICE_ACCOUNT,
        webhooks: {
          ...receiptTarget('brevo', given['brevo-webhook']),
          ...receiptTarget('two-factor', given['two-factor-webhook']),
        },
      },
    ],
    ...(filled('notices-file', given['notices-file']) ? { file: given['notices-file']! } : {}),
  };
  return {
    options: { port, seed, faults: faults.bureau, gateway, notices },
    lines: [
      `  account   ${account.account_number}, key ${account.key_id}, secret ${account.key_secret}`,
      `  events    ${webhook ? `to ${webhook.url}, signed with ${webhook.secret}` : 'nowhere; see --webhook-url'}`,
      `  faults    ${level}, seed ${seed}`,
      `  state     ${file ?? 'in memory; see --file'}`,
    ],
  };
}

function parsed<Result>(act: () => Result): Result {
  try {
    return act();
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function whole(name: string, text: string | undefined, otherwise: number, max: number): number {
  if (text === undefined) return otherwise;
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(number <= max)) throw new UsageError(`--${name} is a whole number up to ${max}, not ${text}.`);
  return number;
}

function filled(name: string, text: string | undefined): string | undefined {
  if (text === '') throw new UsageError(`--${name} cannot be empty.`);
  if (name === 'key-id' && text?.includes(':')) throw new UsageError('--key-id cannot have a colon in it.');
  return text;
}

function webhookOf(url: string | undefined, secret: string | undefined) {
  if (url === undefined && secret === undefined) return null;
  if (!url || !secret) throw new UsageError('--webhook-url and --webhook-secret come together.');
  return { url: address('webhook-url', url), secret };
}

function address(name: string, url: string): string {
  if (/^https?:$/.test(URL.parse(url)?.protocol ?? '')) return url;
  throw new UsageError(`--${name} ${url} is no address.`);
}

function receiptTarget(sender: 'brevo' | 'two-factor', url?: string): Record<string, ReceiptTarget> {
  return url === undefined ? {} : { [sender]: { url: address(`${sender}-webhook`, url) } };
}

async function main(): Promise<void> {
  const asked = readArguments(process.argv.slice(2));
  if (asked === 'help') return console.log(HELP);
  const sandbox = await startSandbox(asked.options);
  const { url, gateway_url } = sandbox;
  const bureau = `  bureau    KIST_BUREAU_URL=${url}`;
  const lines = [
    `The sandbox is at ${url}; Ctrl-C ends it.`,
    bureau,
    `  gateway   ${gateway_url}`,
    ...asked.lines,
  ];
  console.log(
    [...lines, ...noticeLines(sandbox), `  by hand   ${url}/sandbox; see docs/sandbox.md`].join('\n'),
  );
  const stop = (): void => void sandbox.stop().then(() => process.exit(0));
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
}

function noticeLines({ url, notices }: Sandbox): string[] {
  const { brevo_key, two_factor_key, smtp_user, smtp_password } = SANDBOX_NOTICE_ACCOUNT;
  const variables = Object.entries(notices.environment).map(([name, value]) => `${name}=${value}`);
  const { host, port } = notices.smtp;
  return [
    `  notices   ${variables.join(' ')}`,
    `  keys      Brevo ${brevo_key}, 2Factor ${two_factor_key}, Firebase ${url}/sandbox/notices/service-account`,
    `  mail      ${host}:${port}, user ${smtp_user}, password ${smtp_password}, without TLS`,
    `  delivered ${url}/delivered`,
  ];
}

main().catch((error: Error) => {
  console.error(error.message);
  if (error instanceof UsageError) console.error('npm run sandbox -- --help tells more.');
  process.exit(2);
});
