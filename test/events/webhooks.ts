import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Webhooks } from '../../src/events/deliver.ts';
import { createGuard } from '../../src/events/guard.ts';
import { createPost } from '../../src/events/post.ts';
import { keyRingIn } from '../../src/secrets/key-ring.ts';
import { createSecretBox } from '../../src/secrets/secret-box.ts';

export const WAIT_MS = 30;

/** What sends webhooks, with waits of milliseconds and a key of its own; receivers may be on this machine. */
export async function testWebhooks(given: Partial<Webhooks> = {}): Promise<Webhooks> {
  const folder = await mkdtemp(path.join(tmpdir(), 'kist-webhooks-'));
  const box = createSecretBox(await keyRingIn(path.join(folder, 'secret-key')));
  await rm(folder, { recursive: true });
  const guard = given.guard ?? createGuard({ allow_private: true });
  return {
    box,
    guard,
    post: createPost(guard),
    pace: { retries_ms: [WAIT_MS], disabled_ms: WAIT_MS },
    ...given,
  };
}
