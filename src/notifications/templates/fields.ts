import type { Channel } from '../channels.ts';
import type { Style } from './engine.ts';
import type { TemplateParts } from './parts.ts';

/** A text of a template that is filled in. */
export interface Field {
  channel: Channel;
  /** `/parts/email/html` */
  pointer: string;
  style: Style;
  source: string;
}

/** How each text is written, or each of several under a name; what is not here is sent as it stands. */
export const STYLES = {
  email: { subject: 'text', text: 'text', html: 'html' },
  sms: { text: 'sms' },
  push: { title: 'text', body: 'text', data: 'text' },
} as const satisfies Record<Channel, Record<string, Style>>;

export function fieldsOf(parts: TemplateParts): Field[] {
  return Object.entries(STYLES).flatMap(([channel, styles]) => {
    const part = (parts[channel as Channel] ?? {}) as Record<string, string | Record<string, string>>;
    return Object.entries(styles as Record<string, Style>).flatMap(([name, style]) =>
      sourcesIn(part[name]).map(([entry, source]) => {
        const pointer = pointerOf(channel as Channel, name, entry);
        return { channel: channel as Channel, pointer, style, source };
      }),
    );
  });
}

/** `/parts/push/data/link` */
export function pointerOf(channel: Channel, field: string, entry?: string): string {
  const pointer = `/parts/${channel}/${field}`;
  return entry === undefined ? pointer : `${pointer}/${entry.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

function sourcesIn(
  text: string | Record<string, string> | undefined,
): [entry: string | undefined, source: string][] {
  if (text === undefined) return [];
  return typeof text === 'string' ? [[undefined, text]] : Object.entries(text);
}
