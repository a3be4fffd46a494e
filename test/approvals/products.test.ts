import { afterAll, expect, test } from 'vitest';
import { Contract } from '../api/contract.ts';
import { testApi } from '../api/support.ts';

const api = await testApi();
afterAll(() => api.close());
const contract = new Contract((await api.app.inject({ url: '/openapi.json' })).json());

async function as(who: keyof typeof api.tokens, method: 'GET' | 'POST', url: string, body?: unknown) {
  const answer = await api.send(method, url, body, { authorization: api.tokens[who] });
  expect(contract.violations(method, url, answer), `${method} ${url}`).toEqual([]);
  return { status: answer.statusCode, ...answer.json() };
}

const approve = (
  who: keyof typeof api.tokens,
  { links, hash }: { links: { approve: string }; hash: string },
) => as(who, 'POST', links.approve, { hash });

const { status: _, version, ...personal } = await as('all', 'GET', '/v1/products/personal-loan');

test('a product is changed by two people, as a new version; the old one stays what it was', async () => {
  expect(version).toBe(1);
  const dearer = { ...personal, annual_rate: '0.21' };
  const proposal = await as('all', 'POST', '/v1/products', dearer);
  expect(proposal).toMatchObject({
    ...{ status: 202, action: 'product.change', payload: { ...dearer, version: 2 } },
    description:
      'Lend on personal-loan version 2 (Personal loan): INR 10000.00 to 1000000.00 at 0.21 a year.',
  });
  expect(await as('all', 'GET', '/v1/products/personal-loan')).toMatchObject({ version: 1 });
  expect(await approve('approver', proposal)).toMatchObject({
    ...{ state: 'applied', result: { code: 'personal-loan', version: 2 } },
  });
  const { products } = await as('all', 'GET', '/v1/products');
  expect(products).toMatchObject([{ code: 'personal-loan', version: 2, annual_rate: '0.21' }]);
  const first = await as('all', 'GET', '/v1/products/personal-loan?version=1');
  expect(first).toMatchObject({ version: 1, annual_rate: '0.18' });
});

test('of two changes proposed side by side the later one must be looked at again', async () => {
  const [one, other] = await Promise.all(
    ['600', '650'].map((score) =>
      as('all', 'POST', '/v1/products', { ...personal, score_min: Number(score) }),
    ),
  );
  expect(await approve('approver', one!)).toMatchObject({ state: 'applied' });
  expect(await approve('approver', other!)).toMatchObject({
    ...{ state: 'refused', result: { code: 'proposal-outdated' } },
  });
});

test('a product that makes no sense is not even proposed', async () => {
  const pointers = async (changes: object) => {
    const { errors } = await as('all', 'POST', '/v1/products', { ...personal, ...changes });
    return errors.map(({ pointer }: { pointer: string }) => pointer);
  };
  expect(await pointers({ amount_max: '5000.00' })).toEqual(['/amount_max']);
  expect(await pointers({ tenure_min: 24, tenure_max: 12 })).toEqual(['/tenure_max']);
  expect(await pointers({ foir_max: '1.5' })).toEqual(['/foir_max']);
  expect(await pointers({ rules: { excess: 'keep it' } })).toEqual(['/rules/excess']);
  expect((await as('all', 'GET', '/v1/products/gold-loan')).status).toBe(404);
});
