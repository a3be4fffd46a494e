import type { Command } from 'commander';
import { inTenant } from '../../db/transaction.ts';
import { findProduct, listProducts } from '../../loans/products.ts';
import { addCommand, addGroup, numberOption, type Shell } from '../command.ts';
import { notFound } from '../exit.ts';
import { facts, table } from '../output.ts';
import { readPayload } from '../payload.ts';
import { proposeChange } from './approval.ts';

const VERSION_MAX = 1_000_000;

export function productCommands(program: Command, shell: Shell): void {
  const group = addGroup(program, 'product', 'Products: what is lent on, in versions');
  addCommand(group, shell, 'list', {
    summary: 'Every product in its newest version',
    examples: ['kist product list'],
    async run(context) {
      const products = await inTenant(await context.pool(), await context.tenant(), listProducts);
      context.output.answer({ products }, () =>
        table(
          products,
          [
            { title: 'code', text: ({ code }) => code },
            { title: 'version', align: 'right', text: ({ version }) => version },
            { title: 'name', text: ({ name }) => name },
            { title: 'rate a year', align: 'right', text: ({ annual_rate }) => annual_rate },
            { title: 'from', align: 'right', text: ({ amount_min }) => amount_min },
            { title: 'to', align: 'right', text: ({ amount_max }) => amount_max },
            { title: 'currency', text: ({ currency }) => currency },
            { title: 'months', text: ({ tenure_min, tenure_max }) => `${tenure_min} to ${tenure_max}` },
          ],
          'No products.',
        ),
      );
    },
  });
  addCommand<{ of?: number }>(group, shell, 'show <code>', {
    summary: 'A product with all its rules; as JSON it is what `propose` reads, but for its version',
    examples: ['kist product show personal-loan', 'kist product show personal-loan --of 1 --json'],
    options: [numberOption('--of <version>', 'this version; default: the newest', 1, VERSION_MAX)],
    async run(context, { of: version }, code) {
      const product = await inTenant(await context.pool(), await context.tenant(), (tx) =>
        findProduct(tx, code!, version),
      );
      if (!product) throw notFound(`There is no product ${code} of that version.`);
      context.output.answer(product, () => facts(Object.entries(product)));
    },
  });
  addCommand(group, shell, 'propose <product>', {
    summary: 'Propose a product, or a new version of one: JSON, @FILE, or - for standard input',
    examples: ['kist product propose @gold-loan.json'],
    run: async (context, _options, given) =>
      proposeChange(context, 'product.change', await readPayload(given)),
  });
}
