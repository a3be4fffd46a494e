import type { MovableClock } from '../clock.ts';
import type { Store } from '../store.ts';
import type { Accounts } from './accounts.ts';
import type { Faults } from './faults.ts';
import type { GatewaySettings } from './settings.ts';
import type { Statement } from './statement.ts';
import type { Steps } from './steps.ts';
import type { Webhooks } from './webhooks.ts';

/** What every part of the gateway works with. */
export interface Workings {
  settings: GatewaySettings;
  clock: MovableClock;
  store: Store;
  accounts: Accounts;
  faults: Faults;
  steps: Steps;
  webhooks: Webhooks;
  statement: Statement;
}
