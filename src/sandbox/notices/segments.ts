/** What one septet says, by GSM 03.38. */
const BASIC =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà';
/** What takes two. */
const EXTENDED = '\f^{}\\[~]|€';

const GSM = { alone: 160, joined: 153 };
const UCS2 = { alone: 70, joined: 67 };

/** How many parts a text is sent, and paid for, in. */
export function segmentsOf(text: string): { encoding: 'GSM-7' | 'UCS-2'; units: number; segments: number } {
  const characters = [...text];
  const is_gsm = characters.every((character) => BASIC.includes(character) || EXTENDED.includes(character));
  const units = is_gsm
    ? characters.reduce((sum, character) => sum + (EXTENDED.includes(character) ? 2 : 1), 0)
    : text.length;
  const { alone, joined } = is_gsm ? GSM : UCS2;
  const segments = units <= alone ? 1 : Math.ceil(units / joined);
  return { encoding: is_gsm ? 'GSM-7' : 'UCS-2', units, segments };
}
