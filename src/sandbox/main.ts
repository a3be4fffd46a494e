import { parseArgs } from 'node:util';
import { MODEST_FAULTS, NO_FAULTS } from './faults.ts';
import { ALL_GATEWAY_FAULTS, MODEST_GATEWAY_FAULTS, NO_GATEWAY_FAULTS } from './gateway/faults.ts';
import { SANDBOX_ACCOUNT } from './gateway/settings.ts';
import { type SandboxOptions, SEED, startSandbox } from './sandbox.ts';

const HELP = `Usage: npm run sandbox -- [options]

  --port N               where to listen, on 127.0.0.1 (7310)
  --file FILE            keeps the gateway's state there, across restarts (in memory)
  --seed N               the same seed brings the same faults (${SEED})
  --faults NAME          modest, none or all (modest)
  --webhook-url URL      where events go (nowhere)
  --webhook-secret TEXT  what they are signed with
  --key-id TEXT          the lender's credentials (${SANDBOX_ACCOUNT.key_id})
  --key-secret TEXT      (${SANDBOX_ACCOUNT.key_secret})
  --delay-ms N           how long the gateway takes to answer (0)

Plays the credit bureau and the payment gateway; docs/sandbox.md tells how to move its clock and script faults.`;

const FAULTS = {
  none: { bureau: NO_FAULTS, gateway: NO_GATEWAY_FAULTS },
  modest: { bureau: MODEST_FAULTS, gateway: MODEST_GATEWAY_FAULTS },
  all: { bureau: MODEST_FAULTS, gateway: ALL_GATEWAY_FAULTS },
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
  return {
    options: { port: whole('port', given.port, PORT, PORT_MAX), seed, faults: faults.bureau, gateway },
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
  if (!/^https?:$/.test(URL.parse(url)?.protocol ?? ''))
    throw new UsageError(`--webhook-url ${url} is no address.`);
  return { url, secret };
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
  console.log([...lines, `  by hand   ${url}/sandbox; see docs/sandbox.md`].join('\n'));
  const stop = (): void => void sandbox.stop().then(() => process.exit(0));
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
}

main().catch((error: Error) => {
  console.error(error.message);
  if (error instanceof UsageError) console.error('npm run sandbox -- --help tells more.');
  process.exit(2);
});
