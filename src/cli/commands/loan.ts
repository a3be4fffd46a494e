import { writeFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { systemClock } from '../../calendar/clock.ts';
import type { Transaction } from '../../db/pools.ts';
import { inTenant } from '../../db/transaction.ts';
import {
  type Document,
  FORMATS,
  type Format,
  keyFactsDocument,
  print,
  statementDocument,
} from '../../documents/documents.ts';
import { DocumentError } from '../../documents/errors.ts';
import { addCommand, addGroup, checkId, dateOption, type Shell } from '../command.ts';
import type { Context } from '../context.ts';
import { notFound, wrongInput } from '../exit.ts';
import { facts, plural, table } from '../output.ts';

interface Wish {
  format?: Format;
  out?: string;
}

const PRINTING = () => [
  new Option('--format <format>', 'as data, as a page, or as a PDF').choices([...FORMATS]),
  new Option('--out <file>', 'write it there; needs --format'),
];

export function loanCommands(program: Command, shell: Shell): void {
  const group = addGroup(program, 'loan', 'Loans and their documents');
  addStatement(group, shell);
  addKeyFacts(group, shell);
}

function addStatement(group: Command, shell: Shell): void {
  addCommand<Wish & { from?: string; to?: string }>(group, shell, 'statement <loan>', {
    summary: 'Everything that changed what is owed on a loan, from the books',
    examples: [
      'kist loan statement 0197a3c0-5a1e-7b57-9d3c-6b6973740001',
      'kist loan statement 0197a3c0-5a1e-7b57-9d3c-6b6973740001 --from 2026-04-01 --to 2027-03-31 --format pdf --out statement.pdf',
    ],
    options: [
      dateOption('--from <date>', 'first day of the books; from the beginning unless told'),
      dateOption('--to <date>', 'last day of the books; today unless told'),
      ...PRINTING(),
    ],
    async run(context, { from, to, ...wish }, given) {
      const loan = checkId(given!);
      const document = await made(context, `loan ${loan}`, (tx, tenant) =>
        statementDocument(tx, tenant, loan, { from, to }, systemClock.now()),
      );
      if (wish.format) return deliver(context, document, wish);
      const { content } = document;
      context.output.answer(content, () =>
        table(
          content.entries,
          [
            { title: 'date', text: ({ date }) => date },
            { title: 'particulars', text: ({ particulars }) => particulars },
            { title: 'debit', align: 'right', text: ({ debit }) => debit },
            { title: 'credit', align: 'right', text: ({ credit }) => credit },
            { title: 'balance', align: 'right', text: ({ balance }) => balance },
          ],
          `Nothing between ${content.period.from} and ${content.period.to}.`,
        ),
      );
    },
  });
}

function addKeyFacts(group: Command, shell: Shell): void {
  addCommand<Wish & { application?: true }>(group, shell, 'key-facts <id>', {
    summary: 'The key facts statement of a loan, or of an application that has an offer',
    examples: [
      'kist loan key-facts 0197a3c0-5a1e-7b57-9d3c-6b6973740001',
      'kist loan key-facts 0197a3c0-5a1e-7b57-9d3c-6b6973740001 --application --format pdf --out key-facts.pdf',
    ],
    options: [new Option('--application', 'the id is that of an application'), ...PRINTING()],
    async run(context, { application, ...wish }, given) {
      const id = checkId(given!);
      const subject = application ? { application: id } : { loan: id };
      const document = await made(context, `${application ? 'application' : 'loan'} ${id}`, (tx, tenant) =>
        keyFactsDocument(tx, tenant, subject, systemClock.now()),
      );
      if (wish.format) return deliver(context, document, wish);
      const { content } = document;
      const { instalments, interest, currency } = content;
      context.output.answer(content, () =>
        facts([
          ['borrower', content.borrower.name ?? content.borrower.reference],
          ['sanctioned', `${content.sanctioned_amount} ${currency}`],
          [
            'instalments',
            `${instalments.number} × ${instalments.amount} ${currency}, from ${instalments.first_due_on}`,
          ],
          ['interest', `${interest.percent} % a year, ${interest.type}`],
          ['fees', `${content.computation.fees} ${currency}`],
          ['net disbursed', `${content.computation.net_disbursed} ${currency}`],
          ['APR', content.apr_percent === null ? 'none' : `${content.apr_percent} %`],
          ['to be paid', `${content.computation.to_be_paid} ${currency}`],
          ['stands until', content.valid_until],
        ]),
      );
    },
  });
}

async function made<D extends Document>(
  context: Context,
  what: string,
  make: (tx: Transaction, tenant: string) => Promise<D | null>,
): Promise<D> {
  const tenant = await context.tenant();
  const document = await inTenant(await context.pool(), tenant, (tx) => make(tx, tenant)).catch((error) => {
    throw error instanceof DocumentError ? wrongInput(error.message) : error;
  });
  if (!document) throw notFound(`There is no ${what} of ${tenant}.`);
  return document;
}

/** Writes the document where it is wanted: into a file, or as it is to standard output. */
async function deliver(context: Context, document: Document, { format = 'json', out }: Wish): Promise<void> {
  const body =
    format === 'json'
      ? `${JSON.stringify(document.content, null, 2)}\n`
      : (await print(document, format)).body;
  if (out !== undefined) {
    await writeFile(out, body);
    context.output.note(`${out}: ${plural(Buffer.byteLength(body), 'byte')}.`);
    return;
  }
  if (format === 'pdf' && process.stdout.isTTY) throw wrongInput('A PDF is no text: name a file with --out.');
  process.stdout.write(body);
}
