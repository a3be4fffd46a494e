import { type Command, Option } from 'commander';
import { z } from 'zod';
import { inTenant } from '../../db/transaction.ts';
import { listTenants } from '../../identity/tenants.ts';
import { businessDateAt } from '../../ledger/business-day.ts';
import { formatAmount, toDecimal } from '../../ledger/money.ts';
import { proofProblem, proveJournal } from '../../ledger/proof.ts';
import { type TrialBalance, trialBalance } from '../../ledger/reports.ts';
import { type Verification, verifyBooks } from '../../ledger/verify/verify.ts';
import { addCommand, addGroup, checkId, dateOption, type Shell } from '../command.ts';
import type { Context } from '../context.ts';
import { notFound, wrongInput } from '../exit.ts';
import { plural, table } from '../output.ts';
import { readText } from '../payload.ts';
import { progressBar } from '../progress.ts';
import { ownKey, publicKeys } from '../signed.ts';

interface VerifyOptions {
  tenant?: string;
  publicKey?: string[];
  published?: string;
}

export function ledgerCommands(program: Command, shell: Shell): void {
  const group = addGroup(program, 'ledger', 'The books');
  addVerify(group, shell);
  addProof(group, shell);
  addCheckProof(group, shell);
  addTrialBalance(group, shell);
}

function publicKeyOption(): Option {
  return new Option(
    '--public-key <files...>',
    'keys the seals are signed with, PEM; default: of this machine',
  );
}

function addVerify(group: Command, shell: Shell): void {
  const command = addCommand<VerifyOptions>(group, shell, 'verify', {
    summary: 'Recompute the books from their rows; exit 1 names the first bad row',
    examples: [
      'kist ledger verify',
      'kist ledger verify --tenant acme --public-key auditor/seal-key.pub.pem --published auditor/seals.json',
    ],
    tenant: false,
    options: [
      new Option('--tenant <id>', 'only the books of this tenant; default: of every tenant'),
      publicKeyOption(),
      new Option('--published <file>', 'seals written down elsewhere: JSON, [{"number": "1", "hash": "…"}]'),
    ],
    async run(context, options) {
      const keys = await publicKeys(context, options.publicKey);
      const published = options.published === undefined ? [] : await readSeals(options.published);
      const tenants = options.tenant === undefined ? await everyTenant(context) : [await context.tenant()];
      const books: ({ tenant: string } & Verification)[] = [];
      for (const tenant of tenants) {
        const bar = progressBar(context.output, `Verifying ${tenant}`);
        const onProgress = bar.update;
        const checked = await verifyBooks(await context.pool(), tenant, { keys, published, onProgress });
        bar.stop();
        books.push({ tenant, ...checked });
      }
      const ok = books.every((each) => each.ok);
      if (keys.length === 0 && books.some((each) => !each.ok && each.finding.table === 'seal')) {
        context.output.note(`There is no ${ownKey(context)}: name the public key with --public-key.`);
      }
      context.output.answer({ ok, books }, () => books.map(verificationText).join('\n'));
      return ok ? 'ok' : 'no';
    },
  });
  command.addHelpText(
    'after',
    '\nWithout --published, somebody who holds the key could have written all of it anew.',
  );
}

function verificationText({ tenant, ...checked }: { tenant: string } & Verification): string {
  if (!checked.ok) {
    const { code, table: name, id, message } = checked.finding;
    return `${tenant}: the books do not verify.\n  ${code} in ${name} ${id}: ${message}`;
  }
  const { streams, journals, entries, seals, unsealed } = checked;
  const counts = [
    plural(streams, 'stream'),
    plural(journals, 'journal'),
    plural(entries, 'entry', 'entries'),
    plural(seals, 'seal'),
  ];
  return `${tenant}: the books verify: ${counts.join(', ')}; ${plural(unsealed, 'journal')} since the last seal.`;
}

async function everyTenant(context: Context): Promise<string[]> {
  return (await listTenants(await context.pool())).map(({ tenant }) => tenant);
}

const publishedSeals = z.array(
  z.object({ number: z.coerce.bigint(), hash: z.string().regex(/^[0-9a-f]{64}$/) }),
);

async function readSeals(file: string) {
  const text = await readText(file);
  try {
    return publishedSeals.parse(JSON.parse(text));
  } catch (error) {
    throw wrongInput(`${file} is no list of seals: ${(error as Error).message}`);
  }
}

function addProof(group: Command, shell: Shell): void {
  addCommand(group, shell, 'proof <journal>', {
    summary: 'Prove, as a JSON document, that a journal is under a signed seal',
    examples: ['kist ledger proof 0197a3c0-5a1e-7b57-9d3c-6b6973740001 > proof.json'],
    async run(context, _options, given) {
      const journal = checkId(given!);
      const tenant = await context.tenant();
      const proof = await inTenant(await context.pool(), tenant, (tx) => proveJournal(tx, tenant, journal));
      if (!proof) throw notFound(`There is no journal ${journal} of ${tenant}, or no seal covers it yet.`);
      context.output.answer(proof, () => JSON.stringify(proof, null, 2));
    },
  });
}

function addCheckProof(group: Command, shell: Shell): void {
  addCommand<{ publicKey?: string[] }>(group, shell, 'check-proof <file>', {
    summary: 'Check such a proof with nothing but a public key; no database is asked',
    examples: ['kist ledger check-proof proof.json --public-key auditor/seal-key.pub.pem'],
    tenant: false,
    options: [publicKeyOption()],
    async run(context, { publicKey }, file) {
      const keys = await publicKeys(context, publicKey);
      if (keys.length === 0) throw wrongInput('Name the public key with --public-key.');
      const text = await readText(file!);
      let proof: unknown;
      try {
        proof = JSON.parse(text);
      } catch (error) {
        throw wrongInput(`${file} is not JSON: ${(error as Error).message}`);
      }
      const problem = proofProblem(proof, keys);
      context.output.answer({ holds: problem === null, problem }, () => problem ?? 'The proof holds.');
      return problem === null ? 'ok' : 'no';
    },
  });
}

function addTrialBalance(group: Command, shell: Shell): void {
  addCommand<{ asOf?: string }>(group, shell, 'trial-balance', {
    summary: 'Debits and credits of every account up to a business date',
    examples: ['kist ledger trial-balance --as-of 2026-03-31'],
    options: [dateOption('--as-of <date>', "default: the tenant's business date now")],
    async run(context, { asOf }) {
      const tenant = await context.tenant();
      const balance = await inTenant(await context.pool(), tenant, async (tx) =>
        trialBalance(tx, asOf ?? (await businessDateAt(tx, tenant, new Date()))),
      );
      context.output.answer(balance, () => trialBalanceText(balance));
      return balance.balanced ? 'ok' : 'no';
    },
  });
}

function trialBalanceText({ as_of, rows, totals, balanced }: TrialBalance): string {
  const sums = totals.map((total) => ({ ...total, code: 'total', name: '', type: '' }));
  const columns = table(
    [...rows, ...sums],
    [
      { title: 'account', text: ({ code }) => code },
      { title: 'name', text: ({ name }) => name },
      { title: 'type', text: ({ type }) => type },
      { title: 'debit', align: 'right', text: ({ debit }) => formatAmount(toDecimal(debit)) },
      { title: 'credit', align: 'right', text: ({ credit }) => formatAmount(toDecimal(credit)) },
      { title: 'currency', text: ({ currency }) => currency },
    ],
    'Nothing was posted yet.',
  );
  return `Trial balance as of ${as_of}${balanced ? '' : ': NOT BALANCED'}\n\n${columns}`;
}
