import { expect, test } from 'vitest';
import { bakery, problem } from './service.ts';

test('a statement is asked for over its period, as data or printed', async () => {
  const { kist, requests } = await bakery({
    'GET /v1/loans/L1/statement': (request, reply) =>
      request.headers.accept === 'application/pdf'
        ? reply.type('application/pdf').send(Buffer.from('%PDF-\u00e9', 'latin1'))
        : reply.send({ entries: [] }),
  });
  expect(await kist.statement('L1', { from: '2026-04-01' })).toEqual({ entries: [] });
  const pdf = await kist.printedStatement('L1', 'pdf');
  expect([...pdf]).toEqual([0x25, 0x50, 0x44, 0x46, 0x2d, 0xe9]);
  expect(requests.map(({ url }) => url)).toEqual([
    '/v1/loans/L1/statement?from=2026-04-01',
    '/v1/loans/L1/statement',
  ]);
});

test('key facts are those of a loan or of an application', async () => {
  const { kist } = await bakery({
    'GET /v1/loans/L1/key-facts': () => ({ of: 'loan' }),
    'GET /v1/loan-applications/A1/key-facts': (_, reply) => reply.type('text/html').send('<p>page</p>'),
    'GET /v1/loan-applications/A2/key-facts': problem(409, 'illegal-transition'),
  });
  expect(await kist.keyFacts({ loan: 'L1' })).toEqual({ of: 'loan' });
  const page = await kist.printedKeyFacts({ application: 'A1' }, 'html');
  expect(new TextDecoder().decode(page)).toBe('<p>page</p>');
  const none = kist.printedKeyFacts({ application: 'A2' }, 'pdf');
  await expect(none).rejects.toMatchObject({ code: 'illegal-transition', status: 409 });
});
