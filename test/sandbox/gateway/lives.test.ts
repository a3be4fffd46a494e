import { expect, test } from 'vitest';
import type { GatewayFault } from '../../../src/sandbox/gateway/faults.ts';
import { openLender, openReceiver } from './a-gateway.ts';

const LIVES: [GatewayFault, string[], { debited: boolean; returned: boolean; kept: number }][] = [
  ['slow-processed', ['processing', 'processing', 'processed'], kept(50_000)],
  ['slow-reversed', ['processing', 'processing', 'reversed'], returned()],
  ['slow-failed', ['processing', 'processing', 'failed'], never()],
  ['processed-reversed', ['processing', 'processed', 'reversed'], returned()],
  ['failed', ['processing', 'failed', 'failed'], never()],
  ['failed-reversed', ['processing', 'failed', 'reversed'], returned()],
  ['failed-processed', ['processing', 'failed', 'processed'], kept(50_000)],
  ['queued', ['queued', 'queued', 'processed'], kept(50_000)],
  ['pending', ['pending', 'pending', 'processed'], kept(50_000)],
  ['rejected', ['pending', 'pending', 'rejected'], never()],
];

test.each(LIVES)('%s: at once, after a minute, after two days', async (fault, states, truth) => {
  const receiver = await openReceiver();
  const lender = await openLender();
  lender.gateway.setWebhook({ url: receiver.url, secret: 'whisper' });
  lender.gateway.script({ fault, subject: 'loan-1', days: 2 });
  const seen = [(await lender.pay('loan-1')).body.status];
  for (const time of [{ seconds: 60 }, { days: 2 }]) {
    await lender.pass(time);
    seen.push(lender.gateway.paidOut()[0]!.status);
  }
  expect(seen).toEqual(states);
  expect(lender.gateway.paidOut()[0]).toMatchObject(truth);

  const told = receiver.received.filter(
    ({ event }) => event.startsWith('payout.') && event !== 'payout.updated',
  );
  const changes = states.filter((state, index) => state !== states[index - 1]);
  expect(told.map(({ payload }) => payload.payout.entity.status)).toEqual(expect.arrayContaining(changes));
});

function kept(amount: number) {
  return { debited: true, returned: false, kept: amount };
}

function returned() {
  return { debited: true, returned: true, kept: 0 };
}

function never() {
  return { debited: false, returned: false, kept: 0 };
}

test('what leaves the account is what payouts took, less what came back', async () => {
  const lender = await openLender();
  for (const [fault] of LIVES) {
    lender.gateway.script({ fault, subject: fault });
    await lender.pay(fault);
  }
  await lender.pass({ days: 2 });
  const truth = lender.gateway.paidOut();
  const gone = truth.reduce((sum, { debited, returned, amount, fees }) => {
    return sum + (debited ? amount + fees : 0) - (returned ? amount : 0);
  }, 0);
  expect(lender.gateway.balance()).toBe(1_000_000_000_000 - gone);
});

test('the reason of a failure can be scripted', async () => {
  const lender = await openLender();
  lender.gateway.script({ fault: 'failed', subject: 'loan-1', reason: 'bank_account_closed' });
  const { body } = await lender.pay('loan-1');
  await lender.pass({ seconds: 10 });
  const { body: now } = await lender.call('GET', `/payouts/${body.id}`);
  expect(now.status_details).toMatchObject({ reason: 'bank_account_closed', source: 'beneficiary_bank' });
});
