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

/** How each text is written; what is not here is sent as it stands. */
export const STYLES = {
  email: { subject: 'text', text: 'text', html: 'html' },
  sms: { text: 'sms' },
  push: { title: 'text', body: 'text' },
} as const satisfies Record<Channel, Record<string, Style>>;

export function fieldsOf(parts: TemplateParts): Field[] {
  return Object.entries(STYLES).flatMap(([channel, styles]) => {
    const part = (parts[channel as Channel] ?? {}) as Record<string, string | undefined>;
    return Object.entries(styles as Record<string, Style>).flatMap(([name, style]) => {
      const source = part[name];
      const pointer = `/parts/${channel}/${name}`;
      return source === undefined ? [] : [{ channel: channel as Channel, pointer, style, source }];
    });
  });
}
