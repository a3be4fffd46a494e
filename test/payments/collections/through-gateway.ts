import { v7 as uuidv7 } from 'uuid';
import disburse from '../../../jobs/loan.disburse.ts';
import callback from '../../../jobs/payments.apply-callback.ts';
import capture from '../../../jobs/payments.capture.ts';
import createOrder from '../../../jobs/payments.create-order.ts';
import debitMandate from '../../../jobs/payments.debit-mandate.ts';
import lookCollection from '../../../jobs/payments.look-collection.ts';
import refund from '../../../jobs/payments.refund.ts';
import { addMandate } from '../../../src/payments/collections/mandates.ts';
import { askRefund } from '../../../src/payments/collections/refunds.ts';
import { lockCollectionCalled } from '../../../src/payments/collections/rows.ts';
import type { GatewayAccount } from '../../../src/payments/gateway/gateway.ts';
import { movesOf } from '../../../src/payments/moves.ts';
import type { JobDefinition } from '../../../src/runtime/definition.ts';
import type { JobView } from '../../../src/runtime/types.ts';
import type { GatewayOptions } from '../../../src/sandbox/gateway/settings.ts';
import { openLender } from '../../loans/lending.ts';
import { openPaying, PAYING_ACCOUNT } from '../paying.ts';

const JOBS = [
  createOrder,
  capture,
  debitMandate,
  refund,
  lookCollection,
  callback,
] as unknown as JobDefinition[];
const GATEWAY = 'razorpay';

/** A lender, the gateway's simulator over HTTP, and a worker that collects. */
export async function openCollecting(
  gateway: GatewayOptions = {},
  account: () => GatewayAccount | null = () => PAYING_ACCOUNT,
) {
  const paying = await openPaying({ jobs: JOBS, account, gateway: { tick_ms: 0, ...gateway } });
  const { system, clock, sandbox } = paying;
  const lender = await openLender(system.database, 'acme', clock);
  const { run } = lender;
  const product = await lender.product({});
  const done = async (kind: string, payload: object): Promise<JobView> =>
    system.rested(await system.accept(kind, payload));
  return {
    ...paying,
    lender,
    done,
    /** A loan of 12,000 in three instalments, paid out. */
    loan: async () => {
      const [loan] = await lender.open([{ principal: '12000.00', months: 3, product }]);
      await lender.work(disburse, [{ loan: loan! }]);
      return loan!;
    },
    /** An order at the gateway. @returns its id there */
    order: async (loan: string, amount: string) => {
      const job = await done('payments.create-order', { loan, amount, reference: uuidv7() });
      return (job.result as { provider_order: string }).provider_order;
    },
    /** A mandate that its borrower has signed at the gateway. */
    mandate: async (loan: string) => {
      const asked = await fetch(new URL('/v1/customers', sandbox.url), {
        method: 'POST',
        headers: {
          authorization: `Basic ${Buffer.from('rzp_test_sandbox:sandbox-secret').toString('base64')}`,
          'content-type': 'application/json',
        },
        body: JSON.stringify({ name: 'Asha Rao', contact: '+919000090000', fail_existing: '0' }),
      });
      const { id: customer } = (await asked.json()) as { id: string };
      const { id: token } = sandbox.gateway.mandate({ customer });
      const added = await run((tx) =>
        addMandate(tx, {
          ...{ loan, gateway: GATEWAY, customer, token, method: 'emandate', max_amount: '50000.00' },
          ...{ currency: 'INR', email: 'asha@example.in', phone: '+919000090000' },
          ...{ added_by: 'service:test', added_at: clock.now() },
        }),
      );
      return added!.mandate.id;
    },
    collection: (provider_id: string) =>
      run((tx) => lockCollectionCalled(tx, { gateway: GATEWAY, provider_id })),
    /** Asks for unallocated money to go back, as two people have agreed. */
    giveBack: (collection: string, amount: string) =>
      system.runtime.transact('acme', 'service:test', (tx, accept) =>
        askRefund(
          tx,
          { tenant: 'acme', clock, accept, evidence: 'person', detail: {} },
          { collection, amount, asked_by: 'operator:asha' },
        ),
      ),
    restsAs: async (kind: string, key: string) =>
      system.rested((await system.runtime.list('acme', { kind, key, limit: 1 }))[0]!),
    statesOf: (subject: string) =>
      run(async (tx) => (await movesOf(tx, subject)).map(({ to_state }) => to_state)),
    /** So many days pass, everywhere. */
    pass: async (days: number) => {
      clock.moveTo(new Date(clock.now().getTime() + days * 86_400_000));
      await sandbox.gateway.tick();
    },
  };
}
