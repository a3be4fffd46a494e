import { rm, writeFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { generateServiceKeys } from '../../identity/keys.ts';
import { addService, listServices, SERVICE_NAME } from '../../identity/services.ts';
import { signServiceToken, TOKEN_LIFETIME_S_MAX } from '../../identity/sign.ts';
import { addCommand, addGroup, durationOption, type Shell } from '../command.ts';
import { wrongInput } from '../exit.ts';
import { table } from '../output.ts';
import { readText } from '../payload.ts';

const LIFETIME_MS_DEFAULT = 5 * 60_000;

interface AddOptions {
  scope: string[];
  publicKey?: string;
  jwksUrl?: string;
  keyFile?: string;
}

interface TokenOptions {
  keyFile: string;
  lifetime?: number;
  scope?: string[];
}

export function serviceCommands(program: Command, shell: Shell): void {
  const group = addGroup(
    program,
    'service',
    'Services: programs that hand in jobs, with tokens they sign themselves',
  );
  addAdd(group, shell);
  addToken(group, shell);
  addCommand(group, shell, 'list', {
    summary: 'The services of a tenant',
    examples: ['kist service list --tenant acme'],
    async run(context) {
      const tenant = await context.tenant();
      const services = await listServices(await context.pool(), tenant);
      context.output.answer({ services }, () =>
        table(
          services,
          [
            { title: 'service', text: ({ name }) => name },
            { title: 'keys', text: ({ jwks_url, jwks }) => jwks_url ?? `${jwks?.keys.length ?? 0} stored` },
            { title: 'disabled', text: ({ disabled_at }) => (disabled_at ? 'yes' : '') },
            { title: 'scopes', text: ({ scopes }) => scopes.join(' ') },
          ],
          'No services yet: `kist service add`.',
        ),
      );
    },
  });
}

function addAdd(group: Command, shell: Shell): void {
  addCommand<AddOptions>(group, shell, 'add <name>', {
    summary: 'Add a service, or give it new scopes and keys; makes an Ed25519 key pair unless it has keys',
    examples: [
      "kist service add shop --scope 'jobs:wallet.*' jobs:read --key-file shop.pem",
      'kist service add gateway --scope jobs:wallet.deposit --jwks-url https://gateway.example/jwks.json',
    ],
    options: [
      new Option(
        '--scope <scopes...>',
        'what it may do: jobs:KIND, jobs:*, jobs:read …',
      ).makeOptionMandatory(),
      new Option('--key-file <file>', 'write the new private key here; default: print it, once'),
      new Option('--public-key <file>', "the service's own public key: PEM, JWK or JWKS").conflicts([
        'jwksUrl',
        'keyFile',
      ]),
      new Option('--jwks-url <url>', 'where the service publishes its public keys').conflicts('keyFile'),
    ],
    async run(context, options, name) {
      if (!SERVICE_NAME.test(name!)) throw wrongInput(`Not a service name (a-z, 0-9 and -): ${name}`);
      const tenant = await context.tenant();
      const pool = await context.pool();
      const keys = await keysFor(options);
      const service = { tenant, name: name!, scopes: options.scope, ...keys.stored };
      const change = {
        action: 'cli.service.add',
        tenant,
        subject: name!,
        arguments: { scopes: options.scope },
      };
      await context.change(change, async () => {
        const file = keys.privateKey ? options.keyFile : undefined;
        // First the file, which is never written over: a service must not stand with a key that is lost.
        if (file !== undefined) await writeKey(file, keys.privateKey!);
        await addService(pool, service).catch(async (error: unknown) => {
          if (file !== undefined) await rm(file, { force: true });
          throw error;
        });
      });
      const printed = options.keyFile ? null : keys.privateKey;
      const about = { tenant, service: name, scopes: options.scope, key_file: options.keyFile ?? null };
      context.output.answer({ ...about, private_key: printed }, () =>
        [
          `Service ${name} of tenant ${tenant} is there.`,
          ...(printed ? [`Its private key, shown only now:\n\n${printed}`] : []),
          ...(keys.privateKey ? [howToSign(tenant, name!, options.keyFile ?? 'KEY.pem')] : []),
        ].join('\n'),
      );
    },
  });
}

async function keysFor({ publicKey, jwksUrl }: AddOptions): Promise<{
  privateKey: string | null;
  stored: { public_key: string } | { jwks_url: string };
}> {
  if (jwksUrl !== undefined) return { privateKey: null, stored: { jwks_url: jwksUrl } };
  if (publicKey !== undefined) return { privateKey: null, stored: { public_key: await readText(publicKey) } };
  const pair = generateServiceKeys();
  return { privateKey: pair.privateKey, stored: { public_key: pair.publicKey } };
}

async function writeKey(file: string, key: string): Promise<void> {
  try {
    await writeFile(file, key, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    throw wrongInput(`Cannot write ${file}: ${(error as Error).message}`);
  }
}

function howToSign(tenant: string, name: string, file: string): string {
  return `
It signs its tokens itself: a JWT (EdDSA) with sub "${name}", tenant "${tenant}", aud "kist", iat and exp,
sent as \`Authorization: Bearer …\`. One to try with:

  kist service token ${name} --tenant ${tenant} --key-file ${file}`;
}

function addToken(group: Command, shell: Shell): void {
  addCommand<TokenOptions>(group, shell, 'token <name>', {
    summary: 'Sign a token as the service itself would; the API is not asked',
    examples: [
      'curl -H "Authorization: Bearer $(kist service token shop --key-file shop.pem)" localhost:7300/v1/jobs',
    ],
    options: [
      new Option('--key-file <file>', 'the private key, PEM').makeOptionMandatory(),
      durationOption('--lifetime <duration>', 'how long it is valid; default 5m, at most 24h'),
      new Option('--scope <scopes...>', "only these of the service's scopes"),
    ],
    async run(context, { keyFile, lifetime = LIFETIME_MS_DEFAULT, scope }, name) {
      const ttl_s = Math.floor(lifetime / 1_000);
      if (ttl_s < 1 || ttl_s > TOKEN_LIFETIME_S_MAX) throw wrongInput('--lifetime: from 1s to 24h.');
      const key = await readText(keyFile);
      const tenant = await context.tenant();
      const request = { tenant, service: name!, ttl_s, ...(scope ? { scopes: scope } : {}) };
      const token = await signServiceToken(key, request).catch((error: Error) => {
        throw wrongInput(`Not a private key: ${error.message}`);
      });
      context.output.answer({ token, expires_in_s: ttl_s }, () => token);
    },
  });
}
