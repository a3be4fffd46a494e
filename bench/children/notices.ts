import { NO_FAULTS } from '../../src/sandbox/faults.ts';
import { startSandbox } from '../../src/sandbox/sandbox.ts';
import { ready, stopWith, task } from './ipc.ts';

const ALWAYS = 1_000_000;

/** The providers of messages in a process of their own, whose customers these lenders are. */
const { delay_ms, lenders, failing } = await task<{
  delay_ms: number;
  lenders: string[];
  /** The lender whose every call is answered with an error. */
  failing: string | null;
}>();
const sandbox = await startSandbox({
  ...{ port: 0, faults: NO_FAULTS },
  notices: { delay_ms, notices_max: 1, accounts: lenders.map((id) => ({ id })) },
});
if (failing) sandbox.notices.script({ subject: failing, fault: 'error-500', times: ALWAYS });
stopWith(() => sandbox.stop());
ready({ url: sandbox.notices.url, keys: lenders.map((id) => sandbox.notices.account(id).brevo_key) });
