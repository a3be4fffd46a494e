import { createServer } from 'node:http';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { expect, onTestFinished } from 'vitest';
import { verifyBooks } from '../../../src/ledger/verify/verify.ts';
import { CallbackReceiver } from '../../../src/payments/callbacks/receive.ts';
import { createGateways } from '../../../src/payments/gateway/gateways.ts';
import { cancelPayout } from '../../../src/payments/payouts/cancel.ts';
import { destinationOf, knowFundAccount } from '../../../src/payments/payouts/destination.ts';
import { listPayouts, type Payout } from '../../../src/payments/payouts/rows.ts';
import { withdraw, withdrawalRequest } from '../../../src/payments/payouts/withdraw.ts';
import type { FaultPoint } from '../../../src/runtime/faults.ts';
import type { ScriptedFault } from '../../../src/sandbox/gateway/faults.ts';
import { SANDBOX_ACCOUNT } from '../../../src/sandbox/gateway/settings.ts';
import { testWebhooks } from '../../events/webhooks.ts';
import { startProgram } from '../../faults/processes.ts';
import { type CarrierUnderTest, carriers } from '../../support/carriers.ts';
import { until } from '../../support/until.ts';
import { SECRET, setAccount } from '../callbacks/gateway-side.ts';
import { openBorrower, openPaying, PAYING_ACCOUNT, type Paying } from '../paying.ts';
import { CRASHING, CRASHING_JOBS } from './crash-settings.ts';
import type { PayerOrders } from './payer-process.ts';

const PROGRAM = path.resolve(import.meta.dirname, 'payer-process.ts');
export const MIN = 60_000;
export const DAY = 24 * 60 * MIN;
const HOLDING_PAISE = 1_000_00;
const AMOUNT_PAISE = 400_00;
/** After so many looks at the latest it has come to its end. */
const LOOKS_MAX = 6;

export interface Beginning {
  carrier: CarrierUnderTest['name'];
  /** What goes wrong at the gateway. */
  script?: ScriptedFault[];
  /** The gateway knows the beneficiary already. */
  is_known?: boolean;
  /** Nobody has taken up the wish yet: its job waits. */
  is_wish?: boolean;
}

/** A payout in a world to itself, whose workers are killed. */
export async function openCrashing({ carrier, script = [], is_known, is_wish }: Beginning) {
  const { redisUrl } = carriers().find(({ name }) => name === carrier)!;
  const paying = await openPaying({ idle: true, jobs: CRASHING_JOBS, runtime: { redisUrl, ...CRASHING } });
  onTestFinished(() => paying.close());
  paying.sandbox.gateway.script(...script);
  const { wallet, bank_account } = await openBorrower(paying.books, rupees(HOLDING_PAISE));
  if (is_known) await makeKnown(paying, bank_account);
  const wish = { wallet, amount: rupees(AMOUNT_PAISE), currency: 'INR', reference: 'once' };
  if (is_wish) await paying.system.accept('wallet.payout', wish);
  else await begin(paying, wish);
  return new Crashing(paying, wallet, redisUrl);
}

/** Tells a payout's story while its workers are killed one after the other. */
export class Crashing {
  readonly #paying: Paying;
  readonly #wallet: string;
  readonly #redisUrl: string | undefined;

  constructor(paying: Paying, wallet: string, redisUrl: string | undefined) {
    this.#paying = paying;
    this.#wallet = wallet;
    this.#redisUrl = redisUrl;
  }

  /** Starts a worker that is killed at the point, and waits until it is. */
  async kill(point: FaultPoint, { queues, settle }: Pick<PayerOrders, 'queues' | 'settle'>): Promise<void> {
    const { system, sandbox, clock } = this.#paying;
    const orders: PayerOrders = {
      ...{ databaseUrl: system.database.url, redisUrl: this.#redisUrl, gateway_url: sandbox.url, queues },
      ...{ now: clock.now().toISOString(), ...(settle && { settle }) },
    };
    expect(await startProgram(PROGRAM, orders, point).ended).toMatchObject({ signal: 'SIGKILL' });
  }

  /** A worker that nobody kills works at these queues until the payout stands so and their jobs rest. */
  async work(queues: string[], state: Payout['state']): Promise<void> {
    const worker = await this.#paying.system.another();
    await worker.startWorkers(queues);
    await worker.startClock();
    await this.#stands(state);
    await until('its jobs rest', async () => !(await this.#jobs(queues)).pending);
    await worker.stop(2_000);
  }

  passes(ms: number): void {
    const { clock } = this.#paying;
    clock.moveTo(new Date(clock.now().getTime() + ms));
  }

  /** The last attempt. */
  async payout(): Promise<Payout> {
    const [last] = await this.#paying.run((tx) => listPayouts(tx, { wallet: this.#wallet, limit: 1 }));
    if (!last) throw new Error('There is no payout.');
    return last;
  }

  /** From now on the gateway tells what happens, and it is kept. */
  async hear(): Promise<void> {
    const { system, sandbox } = this.#paying;
    const { box } = await testWebhooks();
    await setAccount(system.database.app, box);
    const receiver = new CallbackReceiver({ runtime: system.runtime, gateways: createGateways(), box });
    const server = createServer(async (request, response) => {
      const told = { tenant: 'acme', gateway: 'razorpay', headers: request.headers };
      const received = await receiver.receive({ ...told, body: await buffer(request) });
      response.writeHead(received === 'stored' || received === 'known' ? 200 : 400).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as { port: number };
    sandbox.gateway.setWebhook({ url: `http://127.0.0.1:${port}`, secret: SECRET });
  }

  /** Waits until the gateway has told of the payment's success. */
  async heard(): Promise<void> {
    await until('the success is told', async () => {
      const { rowCount } = await this.#paying.system.database.superuser(
        `SELECT FROM callback_event WHERE type = 'payout.processed'`,
      );
      return rowCount === 1;
    });
  }

  /** People have the gateway asked to cancel it. */
  async cancel(): Promise<void> {
    const { system, clock } = this.#paying;
    const { id } = await this.payout();
    await system.runtime.transact('acme', 'operator:asha', (tx, accept) =>
      cancelPayout(tx, { tenant: 'acme', actor: 'operator:asha', clock, accept }, id),
    );
  }

  /**
   * Workers that nobody kills bring it to its end: paid once or not at all, here as at the gateway, and no job is
   * lost.
   */
  async ends(end: Payout['state']): Promise<void> {
    const { runtime } = this.#paying.system;
    await runtime.startWorkers();
    await runtime.startClock();
    await this.#looksOn(end);
    expect((await this.#jobs()).states).toEqual(['done']);
    await this.#holdAgainstGateway(end === 'succeeded');
    await this.#holdBooks(end === 'succeeded');
  }

  /** The business clock goes on until a look has shown how it ended, and what that cost. */
  async #looksOn(end: Payout['state']): Promise<void> {
    for (let look = 0; look < LOOKS_MAX; look += 1) {
      await until('every job rests', async () => !(await this.#jobs()).pending);
      const { id, state, fees } = await this.payout();
      if (state === end && (fees !== null || end !== 'succeeded')) return;
      this.passes(state === 'succeeded' || state === 'suspense' ? 7 * DAY : 30 * MIN);
      await until(`payout ${id} is no longer ${state}`, async () => {
        const now = await this.payout();
        return now.id !== id || now.state !== state || now.fees !== fees;
      });
    }
  }

  async #holdAgainstGateway(is_paid: boolean): Promise<void> {
    const { gateway } = this.#paying.sandbox;
    const paid = gateway.paidOut().filter(({ kept }) => kept > 0);
    const wanted = is_paid ? [{ kept: AMOUNT_PAISE, reference_id: (await this.payout()).id }] : [];
    expect(paid).toMatchObject(wanted);
    expect(gateway.paidOut().filter(({ debited }) => debited).length).toBeLessThanOrEqual(1);
    for (const [key, calls] of Map.groupBy(gateway.log(), (call) => call.idempotency_key)) {
      if (key !== null) expect(new Set(calls.map(({ body_sha256 }) => body_sha256)).size).toBe(1);
    }
  }

  async #holdBooks(is_paid: boolean): Promise<void> {
    const { standing, books, system, exceptions, attempts, sandbox } = this.#paying;
    const states = (await attempts((await this.payout()).instruction)).map(({ state }) => state);
    expect(states.filter((state) => state === 'succeeded')).toHaveLength(is_paid ? 1 : 0);
    expect(await books.balance(this.#wallet)).toBe(rupees(HOLDING_PAISE - (is_paid ? AMOUNT_PAISE : 0)));
    const spent = SANDBOX_ACCOUNT.opening_balance - sandbox.gateway.balance();
    expect(await standing('bank')).toBe(rupees(HOLDING_PAISE - spent));
    expect(await standing('payout-clearing')).toBe('0.00');
    expect(await standing('suspense')).toBe('0.00');
    expect(await exceptions()).toEqual([]);
    expect(await verifyBooks(system.database.app, 'acme', { keys: [] })).toMatchObject({ ok: true });
  }

  /** The states that jobs of these queues are in, or all jobs. */
  async #jobs(queues: string[] | null = null): Promise<{ states: string[]; pending: boolean }> {
    const { rows } = await this.#paying.system.database.superuser(
      `SELECT DISTINCT state FROM job WHERE $1::text[] IS NULL OR queue = ANY ($1) ORDER BY state`,
      [queues],
    );
    const states = rows.map(({ state }) => state as string);
    return { states, pending: states.includes('pending') };
  }

  #stands(state: Payout['state']): Promise<boolean> {
    return until(`the payout is ${state}`, async () => (await this.payout()).state === state);
  }
}

async function begin(
  { system, clock }: Paying,
  wish: { wallet: string; amount: string; currency: string; reference: string },
): Promise<void> {
  const [begun] = await system.runtime.transact('acme', 'service:test', (tx, accept) =>
    withdraw(tx, { tenant: 'acme', clock, accept }, createGateways(), [withdrawalRequest.parse(wish)]),
  );
  expect(begun).toMatchObject({ outcome: 'begun' });
}

/** Has the gateway know a bank account before anything is paid to it. */
async function makeKnown({ run, sandbox }: Paying, bank_account: string): Promise<void> {
  const gateway = createGateways({ razorpay_url: sandbox.url }).get('razorpay')!;
  const destination = await run((tx) => destinationOf(tx, bank_account));
  const call = { account: PAYING_ACCOUNT, signal: new AbortController().signal };
  const known = await gateway.register(destination, call);
  await run((tx) => knowFundAccount(tx, bank_account, { gateway: gateway.name, ...known }));
}

function rupees(paise: number): string {
  return (paise / 100).toFixed(2);
}
