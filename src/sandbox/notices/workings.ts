import type { MovableClock } from '../clock.ts';
import type { Store } from '../store.ts';
import type { NoticeAccounts } from './accounts.ts';
import type { Answering } from './answering.ts';
import type { NoticeFaults } from './faults.ts';
import type { Inbox } from './inbox.ts';
import type { Receipts } from './receipts.ts';
import type { NoticeSettings } from './settings.ts';

/** What every provider of the sandbox works with. */
export interface Workings {
  settings: NoticeSettings;
  clock: MovableClock;
  store: Store;
  accounts: NoticeAccounts;
  faults: NoticeFaults;
  inbox: Inbox;
  receipts: Receipts;
  answering: Answering;
}
