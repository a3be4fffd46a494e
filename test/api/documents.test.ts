import { v7 as uuidv7 } from 'uuid';
import { afterAll, expect, test } from 'vitest';
import { keyFactsSchema } from '../../src/documents/key-facts-schema.ts';
import { statementSchema } from '../../src/documents/statement-schema.ts';
import { until } from '../support/until.ts';
import { testApi } from './support.ts';

const api = await testApi({ workers: ['disbursals', 'repayments'] });
afterAll(() => api.close());

/** An application of a borrower of that name, which the rules have offered a loan. */
async function offered(name: string): Promise<string> {
  const reference = uuidv7();
  const applied = await api.send('POST', '/v1/loan-applications', {
    reference,
    applicant: { reference, name, phone: '+919876543210', date_of_birth: '1990-04-01', city: 'Pune' },
    product: 'personal-loan',
    ...{ amount: '50000', tenure_months: 12, monthly_income: '60000', monthly_obligations: '0' },
  });
  expect(applied.statusCode, applied.body).toBe(202);
  const { id } = applied.json();
  await api.database.superuser(
    `UPDATE application SET state = 'offered', decision = '{"inputs": {"score": 760}}', decided_at = now() WHERE id = $1`,
    [id],
  );
  return id;
}

/** Its loan, paid out. */
async function paidOut(application: string): Promise<string> {
  const headers = { authorization: api.tokens.approver };
  const approved = await api.send('POST', `/v1/loan-applications/${application}/approve`, {}, headers);
  expect(approved.statusCode, approved.body).toBeLessThan(300);
  const { links } = (await api.send('GET', `/v1/loan-applications/${application}`)).json();
  const { id } = (await api.send('GET', links.loan)).json();
  const state = async () => (await api.send('GET', links.loan)).json().state;
  await until('it is paid out', async () => (await state()) === 'active');
  return id;
}

test('the key facts of an offer are told with its terms, then those of its loan', async () => {
  const application = await offered('Kshitij Rao');
  const url = `/v1/loan-applications/${application}/key-facts`;
  const answer = await api.send('GET', url);
  expect(answer.statusCode, answer.body).toBe(200);
  const facts = keyFactsSchema.parse(answer.json());
  expect(facts).toMatchObject({
    ...{ of: 'application', sanctioned_amount: '50000.00', apr_percent: '18.00' },
    borrower: { name: 'Kshitij Rao' },
    contingent_charges: { penal: { bands: [{}, {}, { score_from: 750, applies: true }] } },
  });
  expect(facts.valid_until).not.toBeNull();
  const loan = await paidOut(application);
  expect((await api.send('GET', url)).json()).toMatchObject({ of: 'loan', id: loan, apr_percent: '18.00' });
});

test('an application that has no offer has no key facts', async () => {
  const application = await offered('Ravi');
  await api.database.superuser(`UPDATE application SET state = 'refused' WHERE id = $1`, [application]);
  const answer = await api.send('GET', `/v1/loan-applications/${application}/key-facts`);
  expect(answer.json()).toMatchObject({ status: 409, code: 'illegal-transition' });
});

test('a statement is data, a page or a PDF, as the caller asks', async () => {
  const loan = await paidOut(await offered('<script>alert("Asha")</script> अशोक'));
  const url = `/v1/loans/${loan}/statement`;
  const get = (query: string, accept?: string) =>
    api.send('GET', url + query, undefined, accept === undefined ? {} : { accept });
  const data = await get('');
  expect(data.headers['content-type']).toMatch(/^application\/json/);
  const statement = statementSchema.parse(data.json());
  expect(statement).toMatchObject({
    closing: { total: '50000.00' },
    entries: [{ particulars: 'Loan paid out' }],
  });

  for (const page of [
    await get('?format=html'),
    await get('', 'text/html,application/xhtml+xml;q=0.9,*/*;q=0.8'),
  ]) {
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(page.headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'sha256-/);
    expect(page.body).toContain('&#60;script&#62;alert(&#34;Asha&#34;)&#60;/script&#62; अशोक');
    expect(page.body).not.toContain('<script');
    expect(page.body).toContain('₹ 50,000.00');
  }
  for (const pdf of [await get('?format=pdf'), await get('', 'application/pdf')]) {
    expect(pdf.headers['content-type']).toBe('application/pdf');
    expect(pdf.headers['content-disposition']).toBe(`inline; filename="statement-${loan}.pdf"`);
    expect(pdf.rawPayload.subarray(0, 5).toString()).toBe('%PDF-');
  }
  expect((await get('', 'image/png')).headers['content-type']).toMatch(/^application\/json/);
  expect((await get('?format=xml')).json()).toMatchObject({ code: 'invalid-request' });
  expect((await get('?from=2027-02-02&to=2027-02-01')).json()).toMatchObject({
    ...{ status: 400, code: 'invalid-request', errors: [{ pointer: '/from', in: 'query' }] },
  });
});

test('nobody reads the documents of another lender', async () => {
  const application = await offered('Meena');
  const loan = await paidOut(application);
  const headers = { authorization: api.tokens.globex };
  for (const url of [
    `/v1/loans/${loan}/statement`,
    `/v1/loans/${loan}/key-facts?format=pdf`,
    `/v1/loan-applications/${application}/key-facts?format=html`,
  ]) {
    expect((await api.send('GET', url, undefined, headers)).json()).toMatchObject({ status: 404 });
    expect(
      (await api.send('GET', url, undefined, { authorization: api.tokens.reader })).json(),
    ).toMatchObject({
      status: 403,
    });
  }
});
