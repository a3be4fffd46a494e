import { z } from 'zod';
import type { SecretBox } from '../../secrets/secret-box.ts';
import { CHANNELS } from '../channels.ts';
import type { Payload } from '../payload.ts';

export const OPT_OUT_PATH = '/v1/opt-out';

const sealedFields = z.tuple([z.string(), z.enum(CHANNELS), z.string(), z.enum(['reminder', 'marketing'])]);

/** Who gets no more of what. */
export interface OptOut {
  tenant: string;
  channel: z.output<typeof sealedFields>[1];
  address: string;
  category: z.output<typeof sealedFields>[3];
}

/** Whoever has a token may opt out with it, so it opens nowhere else, and nothing else opens here. */
const PLACE = 'opt-out';

/**
 * What a link ends with: sealed, so that nobody makes one, or reads from it to whom it was sent. The same of the same, so
 * that a message says the same however often it is written.
 */
export function optOutToken(box: SecretBox, { tenant, channel, address, category }: OptOut): string {
  const fields = JSON.stringify([tenant, channel, address, category]);
  return box.sealAlike(Buffer.from(fields), PLACE).toString('base64url');
}

/** Null where it is not one of ours, or was sealed with a key that is forgotten. */
export function readOptOutToken(box: SecretBox, token: string): OptOut | null {
  const sealed = Buffer.from(token, 'base64url');
  // Base64 is read leniently: one token is one text.
  if (sealed.toString('base64url') !== token) return null;
  try {
    const fields = JSON.parse(box.open(sealed, PLACE).toString());
    const [tenant, channel, address, category] = sealedFields.parse(fields);
    return { tenant, channel, address, category };
  } catch {
    return null;
  }
}

/** Where the reader of a message ends such messages; null where there is no such place, or it must be told. */
export type OptOutLink = (
  about: Pick<OptOut, 'tenant' | 'channel' | 'address'> & Pick<Payload, 'category'>,
) => string | null;

/** Mails alone carry links. @param public_url where borrowers reach the API; without it there are no links */
export function optOutLinks(box: SecretBox, public_url: string | undefined): OptOutLink {
  return ({ category, ...about }) => {
    if (public_url === undefined || about.channel !== 'email' || category === 'transactional') return null;
    return `${public_url}${OPT_OUT_PATH}/${optOutToken(box, { ...about, category })}`;
  };
}
