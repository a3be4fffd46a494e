import { print, statementDocument } from '../../documents/documents.ts';
import { DocumentError } from '../../documents/errors.ts';
import type { CallContext } from '../../runtime/definition.ts';
import { Refuse } from '../../runtime/outcomes.ts';
import type { Attachment } from '../providers/provider.ts';
import type { Sending } from './sending.ts';

/**
 * Makes what goes with a mail, as it is when the mail is sent: the job names it only.
 * @throws Refuse where it cannot be made
 */
export async function attachmentsOf(
  { tenant, attachment }: Pick<Sending, 'tenant' | 'attachment'>,
  { transact }: Pick<CallContext, 'transact'>,
): Promise<Attachment[]> {
  if (!attachment) return [];
  const { loan, from, to, made_at } = attachment;
  try {
    const document = await transact((tx) =>
      statementDocument(tx, tenant, loan, { from, to }, new Date(made_at)),
    );
    if (!document) throw new Refuse('unknown-loan', `There is no loan ${loan}.`);
    const printed = await print(document, 'pdf');
    return [{ name: `${document.name}.pdf`, type: printed.type, content: printed.body as Buffer }];
  } catch (error) {
    if (error instanceof DocumentError) throw new Refuse(error.code, error.message, { cause: error });
    throw error;
  }
}
