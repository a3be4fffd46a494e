import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Attachment } from '../providers/provider.ts';

/** What is kept of a file that went with a message: enough to know it again. */
export const sentFile = z.strictObject({
  name: z.string(),
  type: z.string().describe('media type'),
  size_bytes: z.int(),
  sha256: z.string().describe('of its bytes'),
});
export type SentFile = z.output<typeof sentFile>;

export function fileOf({ name, type, content }: Attachment): SentFile {
  const sha256 = createHash('sha256').update(content).digest('hex');
  return { name, type, size_bytes: content.length, sha256 };
}
