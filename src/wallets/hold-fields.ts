import { z } from 'zod';
import { END_REFUSALS } from './hold-ends.ts';
import { movedFields } from './movements.ts';

export const holdId = z.uuid().meta({ description: 'Id of a hold' });

/** Fields of the result of a hold that ended. */
export const endedFields = { hold: z.uuid(), wallet: z.uuid(), amount: z.string(), ...movedFields };

/** A business no. Nothing was posted. */
export const refusedEnd = z.strictObject({
  outcome: z.literal('refused'),
  code: z.enum(END_REFUSALS),
  message: z.string(),
});
