import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { jwtVerify } from 'jose';
import { createGuard } from '../../../src/events/guard.ts';
import { createFcm, type FcmOptions } from '../../../src/notifications/providers/fcm/fcm.ts';
import { answering, type Reply } from '../../support/answering.ts';

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
export const PRIVATE_KEY = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;

/** Takes addresses of this machine. */
export const NO_GUARD = createGuard({ allow_private: true });

/** As Google's console gives it out. */
export const accountWith = (token_uri: string) => ({
  ...{ type: 'service_account' as const, project_id: 'acme-loans', private_key_id: 'key-1' },
  private_key: PRIVATE_KEY,
  ...{ client_email: 'kist@acme-loans.iam.gserviceaccount.com', client_id: '1', token_uri },
});

export const token = (access_token: string, expires_in = 3_599) => ({
  json: { access_token, expires_in, token_type: 'Bearer' },
});
export const SENT = { json: { name: 'projects/acme-loans/messages/0:1' } };

/** Firebase and the place that gives out tokens: two servers, as there are. */
export async function firebase(
  { tokens = [token('token-1')], replies = [SENT] }: { tokens?: Reply[]; replies?: Reply[] },
  options: Partial<FcmOptions> = {},
) {
  const [sending, giving] = [await answering(replies), await answering(tokens)];
  const provider = createFcm({ url: sending.url, fetch, guard: NO_GUARD, timeout_ms: 5_000, ...options });
  const account = provider.credentials.parse(accountWith(`${giving.url}/token`));
  return {
    account,
    connection: provider.connect(account),
    sent: sending.asked,
    /** What was asked for tokens. */
    asked_tokens: giving.asked,
  };
}

/** @throws where the JWT was not signed with the account's key */
export function readAssertion(form: string, audience: string) {
  const assertion = new URLSearchParams(form).get('assertion')!;
  return jwtVerify(assertion, createPublicKey(PRIVATE_KEY), { audience });
}
