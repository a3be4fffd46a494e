/** How the networks count a text message (3GPP TS 23.038, 23.040). */

const BASIC =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§' +
  '¿abcdefghijklmnopqrstuvwxyzäöñüà';
/** Each takes two places: an escape goes before it. */
const EXTENSION = '\f^{}\\[~]|€';

const GSM_SINGLE = 160;
const GSM_PART = 153;
const UCS2_SINGLE = 70;
const UCS2_PART = 67;

const basic: ReadonlySet<string> = new Set(BASIC);
const extension: ReadonlySet<string> = new Set(EXTENSION);

export interface Segments {
  /** UCS-2 as soon as one character is not of the networks' own alphabet. */
  encoding: 'GSM-7' | 'UCS-2';
  segments: number;
  /** Places taken: of GSM-7 septets, of UCS-2 units of 16 bits. */
  length: number;
  /** Places that one of these segments has. */
  per_segment: number;
  /** The characters for whose sake it is UCS-2, each once. */
  outside: string[];
}

/** What a text is charged as. A character that takes two places is never cut in two. */
export function countSegments(text: string): Segments {
  const outside = [...new Set(text)].filter(
    (character) => !basic.has(character) && !extension.has(character),
  );
  const encoding = outside.length === 0 ? 'GSM-7' : 'UCS-2';
  const [single, part] = encoding === 'GSM-7' ? [GSM_SINGLE, GSM_PART] : [UCS2_SINGLE, UCS2_PART];
  const places = (character: string) =>
    encoding === 'UCS-2' ? character.length : extension.has(character) ? 2 : 1;
  let length = 0;
  for (const character of text) length += places(character);
  if (length <= single)
    return { encoding, segments: text === '' ? 0 : 1, length, per_segment: single, outside };
  return { encoding, segments: parts(text, part, places), length, per_segment: part, outside };
}

function parts(text: string, part: number, places: (character: string) => number): number {
  let segments = 1;
  let filled = 0;
  for (const character of text) {
    const taken = places(character);
    if (filled + taken > part) {
      segments += 1;
      filled = 0;
    }
    filled += taken;
  }
  return segments;
}
