import { z } from 'zod';

/** Fields of credentials that several providers ask for. */
export const secret = (max: number) =>
  z.string().regex(new RegExp(`^[\\x21-\\x7e]{8,${max}}$`), {
    error: `must be 8 to ${max} characters without spaces, as the provider has it`,
  });

const NAME_MAX = 70;

/** Who a mail is from, and where answers go. */
export const sender = z.strictObject({
  email: z.email().max(254),
  name: z
    .string()
    .min(1)
    .max(NAME_MAX)
    .refine((text) => !/[\r\n]/.test(text), { error: 'must be a single line' })
    .optional(),
});
export type Sender = z.output<typeof sender>;

export const replyTo = z.email().max(254).optional();

/** `Acme Loans <hello@acme.in>`, to be shown. */
export function shownSender({ email, name }: Sender): string {
  return name === undefined ? email : `${name} <${email}>`;
}
