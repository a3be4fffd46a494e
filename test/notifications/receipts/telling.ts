import applyReceipt from '../../../jobs/notification.apply-receipt.ts';
import askReceipts from '../../../jobs/notification.ask-receipts.ts';
import { LaneDuty } from '../../../src/notifications/lane-duty.ts';
import { makeReceiptAddress } from '../../../src/notifications/receipts/addresses.ts';
import { AskDuty } from '../../../src/notifications/receipts/ask-duty.ts';
import type { JobDefinition } from '../../../src/runtime/definition.ts';
import type { ReceiptSender } from '../../../src/sandbox/notices/settings.ts';
import { quiet } from '../../support/runtime.ts';
import { until } from '../../support/until.ts';
import { type Notifying, openNotifying } from '../notifying.ts';
import { openApi } from '../open-api.ts';

export interface Telling extends Notifying {
  url: string;
  /** Makes a new address for a provider's receipts. @returns all of it */
  newAddress(provider: ReceiptSender): Promise<string>;
  pass(time: { seconds?: number; hours?: number }): void;
  /** Waits until so many receipts of a provider have come to something. @returns event and outcome of each, as they came */
  applied(notification: string, count: number): Promise<string[]>;
}

/** Lenders who notify, and are told what became of it: providers know the addresses to tell it to. */
export async function openTelling(options: Parameters<typeof openNotifying>[0] = {}): Promise<Telling> {
  const jobs = [applyReceipt, askReceipts] as unknown as JobDefinition[];
  const clock = { now: () => notifying.clock.now() };
  const duties: NonNullable<NonNullable<typeof options.runtime>['duties']> = [
    (opened) => new LaneDuty(opened, quiet),
    (opened) => new AskDuty(opened, clock, quiet),
  ];
  const notifying: Notifying = await openNotifying({ ...options, jobs, idle: true, runtime: { duties } });
  const { runtime, database } = notifying.system;
  await runtime.startWorkers();
  await runtime.startClock();
  const app = await openApi(notifying, '127.0.0.1');
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const newAddress: Telling['newAddress'] = async (provider) => {
    const wish = { provider, actor: 'service:test' };
    const { path } = await notifying.run((tx) => makeReceiptAddress(tx, 'acme', wish));
    return url + path;
  };
  for (const provider of ['brevo', 'two-factor'] as const) {
    notifying.notices.setWebhook(provider, { url: await newAddress(provider) });
  }
  return {
    ...notifying,
    ...{ url, newAddress },
    pass: ({ seconds = 0, hours = 0 }) =>
      notifying.clock.moveTo(new Date(notifying.clock.now().getTime() + (hours * 3_600 + seconds) * 1_000)),
    applied: (notification, count) =>
      until(`${count} receipts of ${notification} have come to something`, async () => {
        const { rows } = await database.superuser(
          `SELECT receipt.event || ' ' || applied.outcome AS told
           FROM notification_receipt AS receipt
             JOIN notification_receipt_applied AS applied ON applied.receipt_id = receipt.id
             JOIN notification_message AS message ON message.id = applied.message_id
           WHERE message.notification_id = $1 ORDER BY receipt.id`,
          [notification],
        );
        return rows.length >= count ? rows.map(({ told }) => told as string) : undefined;
      }),
    close: async () => {
      await app.close();
      await notifying.close();
    },
  };
}
