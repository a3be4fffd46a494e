import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { brevoReceipts } from '../../../src/notifications/providers/brevo/receipts.ts';
import { twoFactorReceipts } from '../../../src/notifications/providers/two-factor/receipts.ts';

const MESSAGE = '01997f3c-0000-7000-8000-000000000001';

describe('Brevo', () => {
  const event = (name: string, more: object = {}) =>
    JSON.stringify({
      ...{
        event: name,
        email: 'Asha@Mail.example',
        id: 1101,
        date: '2026-11-21 12:00:00',
        ts: 1_795_000_000,
      },
      ...{ ts_event: 1_795_000_001, ts_epoch: 1_795_000_001_500, 'message-id': '<1@brevo>', tags: [MESSAGE] },
      ...more,
    });
  test.each([
    ['request', 'taken', null, null],
    ['deferred', 'taken', null, null],
    ['soft_bounce', 'taken', null, null],
    ['delivered', 'delivered', null, null],
    ['unique_opened', 'delivered', null, null],
    ['spam', 'delivered', null, 'spam'],
    ['unsubscribed', 'delivered', null, 'opted-out'],
    ['hard_bounce', 'bounced', 'brevo-hard-bounce', 'bounced'],
    ['invalid_email', 'bounced', 'brevo-invalid-email', 'dead-address'],
    ['blocked', 'bounced', 'brevo-blocked', 'bounced'],
    ['error', 'nothing', null, null],
    ['constructor', 'nothing', null, null],
  ])('%s', (name, says, code, suppress) => {
    expect(brevoReceipts.read(event(name))).toMatchObject({
      ...{ event: name, says, code, suppress, message: MESSAGE, provider_id: '<1@brevo>' },
    });
  });

  test('told and listed, an event is the same', () => {
    const listed = JSON.stringify({
      ...{ event: 'hardBounces', email: 'asha@mail.example', messageId: '<1@brevo>', tag: MESSAGE },
      ...{ date: new Date(1_795_000_001_500).toISOString(), subject: 'Due', from: 'acme@acme.example' },
    });
    expect(brevoReceipts.read(listed)).toMatchObject({
      event: 'hard_bounce',
      says: 'bounced',
      message: MESSAGE,
    });
    expect(brevoReceipts.read(listed)!.same_as).toEqual(brevoReceipts.read(event('hard_bounce'))!.same_as);
  });

  test('many come as one list', () => {
    const body = `[${event('request')},${event('delivered')}]`;
    expect(brevoReceipts.split(body)!.map((each) => brevoReceipts.read(each)!.event)).toEqual([
      ...['request', 'delivered'],
    ]);
    expect(brevoReceipts.split('"text"')).toBeNull();
  });
});

describe('2Factor', () => {
  const form = (fields: Record<string, string>) =>
    new URLSearchParams({ SessionId: 's-1', SmsTo: '919812345678', StatusId: '5', ...fields }).toString();
  const log = (status: string, id: string) =>
    `<?xml version="1.0"?><smsLog><logStatus>SUCCESS</logStatus><sms><smsId>s-1</smsId><smsTo>919812345678</smsTo>` +
    `<smsStatus><statusId>${id}</statusId><statusDesc>${status}</statusDesc></smsStatus></sms></smsLog>`;
  test.each([
    ['DELIVERED', 'delivered', null],
    ['PENDING', 'taken', null],
    ['UNDELIVERED', 'bounced', 'two-factor-undelivered'],
    ['EXPIRED', 'bounced', 'two-factor-expired'],
    ['DLT-CNT-REJECT', 'bounced', 'two-factor-dlt-cnt-reject'],
    ['SOMETHING-NEW', 'nothing', null],
  ])('%s, told or asked for', (status, says, code) => {
    const told = twoFactorReceipts.read(form({ SmsStatus: status }));
    const expected = { event: status, says, code, provider_id: 's-1', address: '+919812345678' };
    expect(told).toMatchObject({ ...expected, is_dlt_rejection: status === 'DLT-CNT-REJECT' });
    const asked = twoFactorReceipts.read(log(status, '5'));
    expect(asked).toMatchObject(expected);
    expect(asked!.same_as).toEqual(told!.same_as);
  });

  test('a number that nobody has is dead; one that was switched off, or is refused, is not', () => {
    const error = (name: string, permanent: string) =>
      twoFactorReceipts.read(form({ SmsStatus: 'UNDELIVERED', ErrorName: name, ErrorPermanent: permanent }))!
        .suppress;
    expect(error('EC_UNKNOWN_SUBSCRIBER', 'true')).toBe('dead-address');
    expect(error('EC_ABSENT_SUBSCRIBER', 'false')).toBeNull();
    expect(error('EC_UNKNOWN_SUBSCRIBER', 'false')).toBeNull();
    expect(error('DLT-CNT-REJECT', 'true')).toBeNull();
  });

  test('receipts of one-time passwords have names of their own', () => {
    const otp = new URLSearchParams({
      mode: 'SMS_OTP',
      SessionId: 's-2',
      To: '919812345678',
      Status: 'DELIVERED',
    });
    expect(twoFactorReceipts.read(otp.toString())).toMatchObject({ says: 'delivered', provider_id: 's-2' });
  });

  test('a log without messages, or one that explodes, says nothing', () => {
    expect(twoFactorReceipts.read('<smsLog><logStatus>ERROR</logStatus></smsLog>')).toBeNull();
    const entities = Array.from(
      { length: 12 },
      (_, n) => `<!ENTITY e${n + 1} "${`&e${n};`.repeat(10)}">`,
    ).join('');
    const bomb = `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e0 "x">${entities}]>${log('&e12;', '5').slice(21)}`;
    expect(JSON.stringify(twoFactorReceipts.read(bomb) ?? '').length).toBeLessThan(1_000);
  });
});

test('no junk is more than unreadable', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json(),
        fc.string().map((text) => `<${text}`),
      ),
      (body) => {
        for (const reader of [brevoReceipts, twoFactorReceipts]) {
          for (const each of reader.split(body) ?? [body]) reader.read(each);
          reader.read(body);
        }
      },
    ),
  );
});
