import { afterAll, expect, test } from 'vitest';
import { SteppedClock } from '../../src/calendar/clock.ts';
import { Contract } from './contract.ts';
import { testApi } from './support.ts';

const clock = new SteppedClock(new Date('2026-01-05T06:30:00Z'));
const api = await testApi({ clock, workers: ['disbursals', 'repayments'] });
afterAll(() => api.close());
const contract = new Contract((await api.app.inject({ url: '/openapi.json' })).json());
type Person = keyof typeof api.tokens;

/** What the person is answered; held against the document. */
async function as(who: Person, method: 'GET' | 'POST', url: string, body?: unknown) {
  const answer = await api.send(method, url, body, { authorization: api.tokens[who] });
  expect(contract.violations(method, url, answer), `${method} ${url}`).toEqual([]);
  return { status: answer.statusCode, replayed: answer.headers['idempotent-replayed'], ...answer.json() };
}

/** The result of a job, once it is done. */
async function resultOf({ links }: { links: { self: string } }) {
  const done = await as('all', 'GET', `${links.self}?wait=20s`);
  return done.result;
}

/** A loan that is paid out. @param tranches the parts of it, where there are any */
async function disbursed(reference: string, tranches?: object[]): Promise<string> {
  const made = await as('all', 'POST', '/v1/loan-applications', {
    reference,
    applicant: {
      ...{ reference: `person-${reference}`, name: 'Ravi Kumar', phone: '+919812345678' },
      ...{ date_of_birth: '1990-05-01', city: 'Pune' },
    },
    ...{ amount: '60000', tenure_months: 12, monthly_income: '60000', monthly_obligations: '0' },
    ...(tranches ? { tranches } : {}),
  });
  await api.database.superuser("UPDATE application SET state = 'offered' WHERE id = $1", [made.id]);
  const { links } = await as('approver', 'POST', `${made.links.self}/approve`);
  await resultOf({ links: { self: links.job } });
  return links.loan;
}

test('a loan is quoted, the quote accepted twice is one payment, and the loan is foreclosed', async () => {
  const loan = await disbursed('quoted');
  const quote = await as('all', 'POST', `${loan}/foreclosure-quotes`);
  expect(quote).toMatchObject({ status: 201, state: 'open', total: '60000.00', quoted_by: 'service:all' });
  expect(await as('all', 'GET', `${loan}/foreclosure-quotes`)).toMatchObject({ quotes: [{ id: quote.id }] });
  const accept = () => as('all', 'POST', quote.links.accept, { source: 'collection', reference: 'final-1' });
  const first = await accept();
  expect(await resultOf(first)).toMatchObject({ outcome: 'foreclosed', total: '60000.00' });
  expect(await accept()).toMatchObject({ id: first.id, replayed: 'true' });
  expect(await as('all', 'GET', loan)).toMatchObject({ state: 'foreclosed' });
  expect(await as('all', 'GET', quote.links.self)).toMatchObject({ state: 'accepted' });
  expect(await as('all', 'POST', `${loan}/foreclosure-quotes`)).toMatchObject({
    ...{ status: 409, code: 'illegal-transition' },
  });
});

test('charges are waived, and a loan restructured and written off, only with another person’s word', async () => {
  const loan = await disbursed('given-up');
  const id = loan.split('/').at(-1)!;
  const fee = { name: 'bounced payment', amount: '500', currency: 'INR', reference: 'fee-1' };
  await resultOf(await as('all', 'POST', `${loan}/fees`, fee));
  const agreed = async (action: string, request: object) => {
    const proposal = await as('all', 'POST', '/v1/approvals', { action, request: { loan: id, ...request } });
    expect(proposal).toMatchObject({ status: 202, state: 'proposed' });
    const own = await as('all', 'POST', proposal.links.approve, { hash: proposal.hash });
    expect(own.status).toBe(403);
    return as('approver', 'POST', proposal.links.approve, { hash: proposal.hash });
  };
  const waiver = { component: 'fees', amount: '200', why: 'the bank’s mistake' };
  expect(await agreed('charge.waive', waiver)).toMatchObject({
    state: 'applied',
    result: { waived: '200.00' },
  });
  expect(await agreed('charge.waive', { ...waiver, amount: '301' })).toMatchObject({
    ...{ state: 'refused', result: { code: 'more-than-unpaid' } },
  });
  expect(await agreed('loan.restructure', { instalments: 24, why: 'lost the job' })).toMatchObject({
    result: { outcome: 'restructured', instalments: 24, carried: { fees: '300.00' } },
  });
  expect(await agreed('loan.write-off', { why: 'vanished' })).toMatchObject({
    result: { outcome: 'written-off', principal: '60000.00' },
  });
  const back = { amount: '1000', currency: 'INR', reference: 'court-1' };
  expect(await resultOf(await as('all', 'POST', `${loan}/recoveries`, back))).toMatchObject({
    recovered: '1000.00',
  });
});

test('a loan is paid out in parts, and paid early', async () => {
  const loan = await disbursed('in-parts', [{ amount: '40000' }, { amount: '20000' }]);
  expect(await as('all', 'GET', loan)).toMatchObject({ principal_outstanding: '40000.00' });
  const drawn = await as('all', 'POST', `${loan}/tranches/2/disburse`);
  expect(await resultOf(drawn)).toMatchObject({ outcome: 'tranche-disbursed', amount: '20000.00' });
  expect(await as('all', 'GET', `${loan}/tranches`)).toMatchObject({
    tranches: [{ paid_on: '2026-01-05' }, { paid_on: '2026-01-05' }],
  });
  const early = { amount: '30000', currency: 'INR', effect: 'reduce-term', reference: 'early-1' };
  expect(await resultOf(await as('all', 'POST', `${loan}/prepayments`, early))).toMatchObject({
    ...{ outcome: 'prepaid', principal_outstanding: '30000.00' },
  });
});
