import { v7 as uuidv7 } from 'uuid';
import { GatewayError } from '../../src/payments/gateway/errors.ts';
import type {
  Gateway,
  GatewayAccount,
  PayoutPicture,
  PayoutStatus,
} from '../../src/payments/gateway/gateway.ts';
import type { Pace } from '../../src/payments/services.ts';
import type { Services } from '../../src/runtime/definition.ts';
import { openBooks } from '../ledger/books.ts';
import type { TestDatabase } from '../support/database.ts';

/** What takes minutes outside takes moments here. */
const HASTY: Pace = {
  ...{ replays_ms: [10, 10], lookups_ms: [10], strangers_ms: [], checks_ms: [10] },
  ...{ away_ms: 50, locked_out_ms: 50, again_ms: 10 },
};

/** A gateway in memory: what it answers next is the test's choice. */
export interface StubGateway {
  services: Services;
  /** What a payout that is sent now will be. */
  answers: PayoutStatus | 'no-answer';
  /** Whether it still cancels what is queued. */
  cancels: boolean;
  /** Whether the tenant has an account with it. */
  open: boolean;
  /** What was sent, by key. */
  sent: string[];
  become(reference: string, status: PayoutStatus): void;
}

export function stubGateway(): StubGateway {
  const pictures = new Map<string, PayoutPicture>();
  const found = (id: string) => {
    const picture = [...pictures.values()].find((each) => each.id === id);
    if (!picture) throw new GatewayError('rejected', 'BAD_REQUEST_ERROR', 'No such payout.', { status: 400 });
    return picture;
  };
  const gateway: Partial<Gateway> = {
    name: 'razorpay',
    register: async () => ({ contact: 'cont_1', fund_account: 'fa_1' }),
    payoutBody: (order) => JSON.stringify(order),
    sendPayout: async ({ key, body }) => {
      stub.sent.push(key);
      if (stub.answers === 'no-answer') throw new GatewayError('unknown', 'timeout', 'No answer in time.');
      const { amount, currency } = JSON.parse(body);
      pictures.set(key, pictureOf(key, stub.answers, { amount, currency }));
      return pictures.get(key)!;
    },
    payout: async (id) => found(id),
    payoutByReference: async (reference) => pictures.get(reference) ?? null,
    cancelPayout: async (id) => {
      const picture = found(id);
      if (!stub.cancels) {
        throw new GatewayError('rejected', 'BAD_REQUEST_ERROR', 'Not queued any more.', { status: 400 });
      }
      stub.become(picture.reference!, 'cancelled');
      return found(id);
    },
  };
  const account: GatewayAccount = {
    ...{
      tenant: 'acme',
      gateway: 'razorpay',
      key_id: 'key',
      key_secret: 'secret',
      account_number: '7878780080316316',
    },
  };
  const stub: StubGateway = {
    ...{ answers: 'processing', cancels: true, open: true, sent: [] },
    become: (reference, status) => pictures.set(reference, { ...pictures.get(reference)!, status }),
    services: {
      payments: {
        gateways: new Map([['razorpay', gateway as Gateway]]),
        account: async () => (stub.open ? account : null),
        pace: HASTY,
      },
    } as unknown as Services,
  };
  return stub;
}

function pictureOf(
  reference: string,
  status: PayoutStatus,
  money: { amount: string; currency: string },
): PayoutPicture {
  return {
    ...{ of: 'payout', id: `pout_${reference}`, reference, status, ...money, created_at: new Date() },
    ...{ mode: 'IMPS', fees: null, tax: null, utr: null, reason: null },
  };
}

export const ACCOUNT_NUMBER = '50100012345678';

/** A borrower of acme's with a bank account and a wallet that holds so much. */
export async function addBorrower(
  database: TestDatabase,
  holding: string,
): Promise<{ wallet: string; bank_account: string }> {
  const books = await openBooks(database);
  const wallet = await books.wallet('Asha Rao', holding);
  const reference = `asha-${wallet}`;
  await database.superuser(
    `INSERT INTO borrower (tenant_id, id, reference, name, phone, date_of_birth, city)
     VALUES ('acme', $1, $2, 'Asha Rao', '+919812345678', '1990-01-01', 'Pune')`,
    [wallet, reference],
  );
  return { wallet, bank_account: await addAccount(database, wallet, ACCOUNT_NUMBER) };
}

export async function addAccount(database: TestDatabase, borrower: string, number: string): Promise<string> {
  const id = uuidv7();
  await database.superuser(
    `INSERT INTO bank_account (tenant_id, id, borrower_id, holder, ifsc, account_number, added_by)
     VALUES ('acme', $1, $2, 'Asha Rao', 'HDFC0000123', $3, 'service:test')`,
    [id, borrower, number],
  );
  return id;
}
