import { ActionRefused } from '../identity/approval-errors.ts';
import { addProduct, findProduct, productTerms } from '../loans/products.ts';
import { defineAction } from './define.ts';

/** Applications and loans keep the version they were made under; the next ones are made under this. */
export default defineAction({
  action: 'product.change',
  summary: 'Add a product, or a new version of one',
  scope: { propose: 'products:write', approve: 'products:approve' },
  request: productTerms,

  async facts(tx, { code }) {
    const present = await findProduct(tx, code);
    return { version: (present?.version ?? 0) + 1 };
  },

  describe: ({ code, version, name, annual_rate, currency, amount_min, amount_max }) =>
    `Lend on ${code} version ${version} (${name}): ${currency} ${amount_min} to ${amount_max} at ${annual_rate} a year.`,

  async apply(tx, product) {
    const { code, version } = product;
    if (!(await addProduct(tx, product))) {
      throw new ActionRefused('proposal-outdated', `Version ${version} of ${code} was made at this moment.`);
    }
    return { code, version };
  },
});
