import fc from 'fast-check';
import { expect, test } from 'vitest';
import { REDACTED, redact } from '../../src/identity/redact.ts';

test('an application keeps what it is about and loses whose it is', () => {
  expect(
    redact({
      loan_id: '0198c0de-1234-7abc-8def-123456789012',
      kind: 'loan.disburse',
      amount: '9876543210.00',
      tenure_months: 12,
      business_date: '2026-03-31',
      requested_at: '2026-03-31T10:11:12.000Z',
      account: '0198c0de-1234-7abc-8def-123456789012',
      filename: 'march.csv',
      borrower: {
        full_name: 'Asha Rao',
        dateOfBirth: '1990-01-01',
        'e-mail': 'asha@example.com',
        income: 50_000,
      },
      apiKey: 'k-1',
      account_number: '12',
      Authorization: 'Bearer abc',
      mobile: null,
    }),
  ).toEqual({
    loan_id: '0198c0de-1234-7abc-8def-123456789012',
    kind: 'loan.disburse',
    amount: '9876543210.00',
    tenure_months: 12,
    business_date: '2026-03-31',
    requested_at: '2026-03-31T10:11:12.000Z',
    account: '0198c0de-1234-7abc-8def-123456789012',
    filename: 'march.csv',
    borrower: { full_name: REDACTED, dateOfBirth: REDACTED, 'e-mail': REDACTED, income: REDACTED },
    apiKey: REDACTED,
    account_number: REDACTED,
    Authorization: REDACTED,
    mobile: null,
  });
});

test.each([
  ['an e-mail address', 'mail asha.rao@example.co.in please', 'asha.rao'],
  ['a PAN', 'PAN ABCDE1234F given', 'ABCDE1234F'],
  ['an Aadhaar number', 'id 1234 5678 9012.', '5678'],
  ['a phone number', 'call +91 98765 43210', '43210'],
  ['a card', '4111-1111-1111-1111', '4111'],
  ['a JWT', 'token eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.', 'eyJ'],
  ['a bearer token', 'Bearer abcdefgh12345', 'abcdefgh'],
  ['a password in an address', 'postgres://kist:hunter2@db/kist', 'hunter2'],
  ['a private key', '-----BEGIN PRIVATE KEY-----\nMC4CAQ\n-----END PRIVATE KEY-----', 'MC4CAQ'],
])('%s is masked wherever it stands', (_story, text, secret) => {
  const masked = JSON.stringify(redact({ message: text, list: [text], [text]: 1 }));
  expect(masked).not.toContain(secret);
  expect(masked).toContain(REDACTED);
});

test('numbers that are identity numbers are masked too', () => {
  expect(redact({ reference: 123456789012, count: 42 })).toEqual({ reference: REDACTED, count: 42 });
});

test('what never ends is cut', () => {
  const circle: Record<string, unknown> = { rows: Array.from({ length: 5_000 }, (_, index) => index) };
  circle.self = circle;
  circle.note = 'x'.repeat(1_000_000);
  expect(JSON.stringify(redact(circle)).length).toBeLessThan(20_000);
});

test('anything at all becomes plain JSON that Postgres can keep, and redacting twice changes nothing', () => {
  fc.assert(
    fc.property(fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true }), (value) => {
      const once = redact(value);
      const text = JSON.stringify(once) ?? 'null';
      expect(text).not.toContain('\\u0000');
      expect(text.isWellFormed()).toBe(true);
      expect(redact(JSON.parse(text))).toEqual(JSON.parse(text));
    }),
    { numRuns: 300 },
  );
});
