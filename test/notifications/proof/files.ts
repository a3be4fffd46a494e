import { createHash } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import type { Proof } from '../../../src/notifications/proof/bundle.ts';
import { makeProof } from '../../../src/notifications/proof/make.ts';
import { jobsOf, notificationRequest } from '../../../src/notifications/request.ts';
import type { SentFile } from '../../../src/notifications/sending/files.ts';
import type { Notifying } from '../notifying.ts';

/** Files as a proof names them, of the mails that arrived. */
export function arrived({ notices }: Notifying, to: string): SentFile[] {
  const mails = notices.delivered({ to }).filter((each) => each.channel === 'email');
  return mails.flatMap(({ files }) =>
    files.map(({ name, type, content }) => {
      const bytes = Buffer.from(content, 'base64');
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      return { name, type, size_bytes: bytes.length, sha256 };
    }),
  );
}

export async function proofOf({ run, clock }: Notifying, notification: string): Promise<Proof> {
  const head = { tenant: 'acme', made_at: clock.now().toISOString(), audit: uuidv7() };
  const proof = await run((tx) => makeProof(tx, { ...head, notification }));
  // As it is kept: a file of JSON.
  return JSON.parse(JSON.stringify(proof));
}

/** What a proof says of each try. */
export function triesOf({ parts }: Proof) {
  return parts
    .filter(({ part }) => part === 'attempt')
    .map(({ body }) => body as { provider: string; outcome: string | null; files: SentFile[] });
}

/** Has a mail sent with a loan's statement. @returns its notification */
export async function mailStatement(
  { system, clock }: Notifying,
  loan: string,
  email: string,
): Promise<string> {
  const id = uuidv7();
  const content = { email: { subject: 'Statement', text: 'Your statement is attached.' } };
  const [job] = jobsOf(id, notificationRequest.parse({ type: 'EMAIL', recipient: { email }, content }));
  const today = clock.now().toISOString().slice(0, 10);
  const attachment = { document: 'statement', loan, from: today, to: today };
  const payload = { ...(job!.payload as object), attachment };
  await system.runtime.submit('acme', 'service:test', [{ ...job!, payload }]);
  return id;
}
