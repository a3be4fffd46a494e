import { createWriteStream } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** Runs SQL as superuser. */
type Run = (text: string, values: unknown[]) => Promise<unknown>;

/** The day on which all of it was paid. */
const PAID_ON = '2026-11-18';
/** The day of the statements: what was paid the day before must be on them. */
export const STATED_ON = '2026-11-19';
/** When they are read: too early to close any payout. */
export const READ_AT = new Date('2026-11-20T18:00:00Z');

/** Puts so many payouts that succeeded into the tables, without living through their lives. */
export async function addPaidOut(run: Run, tenant: string, rows: number): Promise<void> {
  await run(
    `INSERT INTO bank_account (tenant_id, id, borrower_id, holder, ifsc, account_number, added_by)
     VALUES ($1, uuidv7(), uuidv7(), 'Asha Rao', 'HDFC0000001', '123456789', 'bench')`,
    [tenant],
  );
  await run(
    `INSERT INTO payout (tenant_id, id, instruction_id, attempt, purpose, wallet_id, bank_account_id, reference, gateway,
       mode, amount, currency, state, provider_id, utr, fees, tax, created_at, business_date, settled_at)
     SELECT $1, made.id, made.id, 1, 'withdrawal', made.id, b.id, made.id::text, 'razorpay', 'IMPS', 1000 + n % 97, 'INR',
       'succeeded', 'pout_' || n, 'UTR' || lpad(n::text, 12, '0'), 5.90, 0.90, now(), '${PAID_ON}', '${PAID_ON}T08:00:00Z'
     FROM (SELECT n, uuidv7() AS id FROM generate_series(1, $2::int) AS n) AS made,
       (SELECT id FROM bank_account WHERE tenant_id = $1) AS b`,
    [tenant, rows],
  );
  await run('ANALYZE payout', []);
}

const total = (n: number) => `${1_005 + (n % 97)}.90`;
const utr = (n: number) => `UTR${String(n).padStart(12, '0')}`;

const SHAPES = {
  account: {
    header: 'entity_id,type,debit,credit,amount,currency,fee,tax,created_at,utr,balance',
    line: (n: number) =>
      `pout_${n},payout,${total(n)},0.00,${total(n)},INR,5.90,0.90,${PAID_ON}T08:00:00Z,${utr(n)},100000.00`,
  },
  bank: {
    header: 'value_on,utr,description,debit,credit,currency,balance',
    line: (n: number) => `${PAID_ON},${utr(n)},IMPS payout ${n},${total(n)},,INR,100000.00`,
  },
} as const;

/** Writes the statement of those payouts: of the gateway's account, or of the bank. @returns the file */
export async function writeStatement(
  folder: string,
  kind: keyof typeof SHAPES,
  rows: number,
): Promise<string> {
  const file = path.join(folder, `${kind}.csv`);
  const { header, line } = SHAPES[kind];
  const lines = function* () {
    yield `${header}\n`;
    for (let n = 1; n <= rows; n += 1) yield `${line(n)}\n`;
  };
  await pipeline(Readable.from(lines()), createWriteStream(file));
  return file;
}
