import { z } from 'zod';
import type { Notes } from './entities.ts';

const NOTES_MAX = 15;
const NOTE_CHARACTERS_MAX = 256;

/** Up to 15 pairs of up to 256 characters; none are shown as an empty list. */
export const notesSchema = z
  .union([
    z
      .record(z.string().max(NOTE_CHARACTERS_MAX), z.union([z.string().max(NOTE_CHARACTERS_MAX), z.number()]))
      .refine((notes) => Object.keys(notes).length <= NOTES_MAX, `at most ${NOTES_MAX} pairs`),
    z.tuple([]),
  ])
  .nullish()
  .transform((notes): Notes => (notes && Object.keys(notes).length > 0 ? notes : []));

/** Whoever wants faults that a random reference does not change names the subject in a note of this name. */
export function namedSubject(notes: Notes): string | null {
  const { subject } = notes as Record<string, string | number | undefined>;
  return subject === undefined ? null : String(subject);
}
