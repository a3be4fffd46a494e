import type { Transaction } from '../../db/pools.ts';
import { Refuse } from '../../runtime/outcomes.ts';
import type { Channel, ContentOf } from '../channels.ts';
import type { Payload } from '../payload.ts';
import { TemplateError } from '../templates/errors.ts';
import type { TemplateData } from '../templates/parts.ts';
import { type Rendered, renderFor } from '../templates/templates.ts';

/** What a message says, and where that comes from. */
export interface Written<C extends Channel> {
  content: ContentOf[C];
  template: string | null;
  template_version: number | null;
  locale: string | null;
}

/**
 * Words a message, by its template where it brings no words of its own.
 * @param filled what Kist fills in besides the message's own data, and before it
 * @throws Refuse where it cannot be
 */
export async function written<C extends Channel>(
  tx: Transaction,
  channel: C,
  { template, data, locale, content }: Pick<Payload<C>, 'template' | 'data' | 'locale' | 'content'>,
  filled: TemplateData = {},
): Promise<Written<C>> {
  if (content) {
    return { content, template: null, template_version: null, locale: locale ?? null };
  }
  const rendered = await renderedOrRefused(tx, {
    template: template!,
    locale,
    channel,
    data: { ...data, ...filled },
  });
  return asWritten(rendered);
}

/** What cannot be rendered now could when it was accepted: the template was changed meanwhile. */
async function renderedOrRefused<C extends Channel>(
  tx: Transaction,
  asked: Parameters<typeof renderFor<C>>[1],
) {
  try {
    return await renderFor(tx, asked);
  } catch (error) {
    if (error instanceof TemplateError) throw new Refuse(error.code, error.message, { cause: error });
    throw error;
  }
}

export function asWritten<C extends Channel>({
  content,
  template,
  version,
  locale,
}: Rendered<C>): Written<C> {
  return { content, template, template_version: version, locale };
}
