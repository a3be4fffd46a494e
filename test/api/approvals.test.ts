import { afterAll, expect, test } from 'vitest';
import { SteppedClock } from '../../src/calendar/clock.ts';
import { Contract } from './contract.ts';
import { testApi } from './support.ts';

const clock = new SteppedClock(new Date('2026-01-05T06:30:00Z'));
const api = await testApi({ clock });
afterAll(() => api.close());

const contract = new Contract((await api.app.inject({ url: '/openapi.json' })).json());
type Person = keyof typeof api.tokens;

/** What the person is answered; held against the document. */
async function as(who: Person, method: 'GET' | 'POST', url: string, body?: unknown) {
  const answer = await api.send(method, url, body, { authorization: api.tokens[who] });
  expect(contract.violations(method, url, answer), `${method} ${url}`).toEqual([]);
  return { status: answer.statusCode, replayed: answer.headers['idempotent-replayed'], ...answer.json() };
}

/** An application that the rules said yes to. */
async function offered(reference: string, amount: string) {
  const made = await as('all', 'POST', '/v1/loan-applications', {
    reference,
    applicant: {
      ...{ reference: `person-${reference}`, name: 'Ravi Kumar', phone: '+919812345678' },
      ...{ date_of_birth: '1990-05-01', city: 'Pune' },
    },
    ...{ amount, tenure_months: 12, monthly_income: '600000', monthly_obligations: '0' },
  });
  await api.database.superuser("UPDATE application SET state = 'offered' WHERE id = $1", [made.id]);
  return made;
}

const vote = (
  who: Person,
  { links, hash }: { links: Record<string, string>; hash: string },
  verdict = 'approve',
) => as(who, 'POST', links[verdict]!, { hash });

test('a loan above the limit takes a second person, who need only approve as well', async () => {
  const application = await offered('big', '600000.00');
  const approve = (who: Person) => as(who, 'POST', `${application.links.self}/approve`);
  expect(await approve('all')).toMatchObject({ status: 403, code: 'own-request' });

  const first = await approve('approver');
  expect(first).toMatchObject({ status: 202, state: 'offered', judged_by: null });
  expect(first.links.loan).toBeUndefined();
  const standing = await as('approver', 'GET', first.links.approval);
  expect(standing).toMatchObject({
    ...{ action: 'loan.approve', state: 'proposed', proposed_by: 'service:approver', quorum: 1 },
    description:
      'Lend 600000.00 INR to person-big over 12 months (application big, personal-loan version 1).',
    payload: { application: application.id, amount: '600000.00', tenure_months: 12 },
    hash: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
  expect(await approve('approver')).toMatchObject({ replayed: 'true', state: 'offered' });

  const second = await approve('director');
  expect(second).toMatchObject({ status: 202, state: 'approved', judged_by: 'service:director' });
  expect(second.links).toMatchObject({ approval: first.links.approval, loan: /./, job: /./ });
  expect(await as('all', 'GET', second.links.job)).toMatchObject({ kind: 'loan.disburse' });
  expect(await as('all', 'GET', second.links.loan)).toMatchObject({ principal: '600000.00' });
  expect(await as('director', 'GET', first.links.approval)).toMatchObject({
    ...{ state: 'applied', result: { loan: second.links.loan.split('/').at(-1) } },
    votes: [{ voter: 'service:director', verdict: 'approve' }],
  });
});

test('two people who approve a large loan at the same moment open one loan', async () => {
  const { id, links } = await offered('at-once', '600000.00');
  const both: Person[] = ['approver', 'director'];
  const answers = await Promise.all(both.map((who) => as(who, 'POST', `${links.self}/approve`)));
  expect(answers.map(({ state }) => state).sort()).toEqual(['approved', 'offered']);
  const { rows } = await api.database.superuser('SELECT count(*)::int FROM loan WHERE application_id = $1', [
    id,
  ]);
  expect(rows).toEqual([{ count: 1 }]);
});

test('up to the limit one person is enough, as ever', async () => {
  const { links } = await offered('small', '500000.00');
  const approved = await as('approver', 'POST', `${links.self}/approve`);
  expect(approved).toMatchObject({ status: 202, state: 'approved', judged_by: 'service:approver' });
  expect(approved.links.approval).toBeUndefined();
});

test('a proposal is voted on by its hash, by those whose scope it is', async () => {
  const application = await offered('voted', '700000.00');
  const body = {
    action: 'loan.approve',
    request: { application: application.id },
    reason: 'Known for years.',
  };
  expect(await as('reader', 'POST', '/v1/approvals', body)).toMatchObject({ code: 'missing-scope' });
  const proposal = await as('approver', 'POST', '/v1/approvals', body);
  expect(proposal).toMatchObject({ status: 202, state: 'proposed', reason: 'Known for years.' });

  expect(await vote('approver', proposal)).toMatchObject({ status: 403, code: 'own-request' });
  expect(await vote('all', proposal)).toMatchObject({ status: 403, code: 'own-request' });
  expect(await vote('reader', proposal)).toMatchObject({ status: 403, code: 'missing-scope' });
  expect(await vote('director', { ...proposal, hash: '0'.repeat(64) })).toMatchObject({
    ...{ status: 409, code: 'approval-hash-mismatch' },
  });
  expect((await vote('globex', proposal)).status).toBe(404);
  expect(await vote('director', proposal)).toMatchObject({ status: 200, state: 'applied' });
  expect(await vote('director', proposal)).toMatchObject({ replayed: 'true', state: 'applied' });
});

test('what was rejected meanwhile is not approved: the approval ends refused', async () => {
  const application = await offered('gone', '700000.00');
  const { links } = await as('approver', 'POST', `${application.links.self}/approve`);
  const approval = await as('director', 'GET', links.approval);
  await as('director', 'POST', `${application.links.self}/reject`, { reason: 'House sold.' });
  expect(await vote('director', approval)).toMatchObject({
    ...{ status: 200, state: 'refused', result: { code: 'illegal-transition' } },
  });
  expect(await vote('all', approval)).toMatchObject({ status: 403, code: 'own-request' });
});

test('one who rejects ends it; its proposer may withdraw it; each is listed', async () => {
  const application = await offered('listed', '800000.00');
  const propose = () => as('approver', 'POST', `${application.links.self}/approve`);
  const rejected = await as('director', 'GET', (await propose()).links.approval);
  expect(await vote('director', rejected, 'reject')).toMatchObject({ state: 'rejected' });
  const { links } = await propose();
  expect(await as('director', 'POST', `${links.approval}/withdraw`)).toMatchObject({ code: 'not-proposer' });
  expect(await as('approver', 'POST', `${links.approval}/withdraw`)).toMatchObject({ state: 'withdrawn' });

  const first = await as('director', 'GET', '/v1/approvals?limit=1&action=loan.approve');
  expect(first.approvals).toMatchObject([{ state: 'withdrawn', payload: { reference: 'listed' } }]);
  const next = await as('director', 'GET', first.next);
  expect(next.approvals).toMatchObject([{ id: rejected.id }]);
  expect((await as('director', 'GET', '/v1/approvals?state=rejected')).approvals).toHaveLength(1);
  expect((await as('globex', 'GET', '/v1/approvals')).approvals).toEqual([]);
});

test('after three days of the business clock it is too late', async () => {
  const application = await offered('late', '900000.00');
  const { links } = await as('approver', 'POST', `${application.links.self}/approve`);
  const approval = await as('director', 'GET', links.approval);
  clock.moveTo(new Date(approval.expires_at));
  expect(await as('director', 'GET', links.approval)).toMatchObject({ state: 'expired' });
  expect(await vote('director', approval)).toMatchObject({ status: 409, code: 'approval-expired' });
  const anew = await as('director', 'POST', `${application.links.self}/approve`);
  expect(anew.links.approval).not.toBe(links.approval);
});
