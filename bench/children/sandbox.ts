import { NO_FAULTS } from '../../src/sandbox/faults.ts';
import { SANDBOX_ACCOUNT } from '../../src/sandbox/gateway/settings.ts';
import { startSandbox } from '../../src/sandbox/sandbox.ts';
import { ready, stopWith, task } from './ipc.ts';

/** The providers in a process of their own, as far away as `delay_ms` says. */
const { delay_ms } = await task<{ delay_ms: number }>();
const sandbox = await startSandbox({
  port: 0,
  faults: NO_FAULTS,
  gateway: { delay_ms },
  notices: { delay_ms },
});
stopWith(() => sandbox.stop());
const { key_id, key_secret, account_number } = SANDBOX_ACCOUNT;
ready({ url: sandbox.url, key_id, key_secret, account_number });
