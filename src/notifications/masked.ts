import { lastFour, maskedVpa } from '../payments/masked.ts';
import type { Channel } from './channels.ts';

const TOKEN_SHOWN = 6;

/** An address as it may be shown: enough to know it again by, too little to write to. */
export function maskedAddress(channel: Channel, address: string): string {
  switch (channel) {
    case 'email':
      // As of a UPI address: where it is, and how it begins.
      return maskedVpa(address);
    case 'sms':
      return lastFour(address);
    case 'push':
      return `${address.slice(0, TOKEN_SHOWN)}…`;
  }
}
