import { z } from 'zod';
import { defineAtomic } from '../runtime/definition.ts';
import { type Movement, movedFields, moveMoney, refusedMovement } from './movements.ts';

type Fields = Pick<Movement, 'amount' | 'currency' | 'reference'>;

/**
 * A kind of job that moves money between two places, and nothing else: what deposit, withdrawal and
 * transfer have in common. The caller's reference is its key.
 */
export function defineMovement<Payload extends z.ZodType<Fields>, Done extends string>(definition: {
  kind: string;
  summary: string;
  /** `movementFields`, and the wallets it is about. */
  payload: Payload;
  /** The word for money that moved. */
  done: Done;
  way: (payload: z.output<Payload>) => Pick<Movement, 'stream' | 'from' | 'to'>;
}) {
  const { kind, summary, payload, done, way } = definition;
  return defineAtomic({
    ...{ kind, summary, payload, queue: 'wallets', moves_money: true },
    result: z.discriminatedUnion('outcome', [
      z.strictObject({ outcome: z.literal(done), ...movedFields }),
      refusedMovement,
    ]),
    key: ({ reference }) => reference,

    async run(tx, jobs, { clock }) {
      const movements = jobs.map(({ payload }) => {
        const { amount, currency, reference } = payload;
        return { kind, amount, currency, reference, ...way(payload) };
      });
      const answers = await moveMoney(tx, jobs[0]!.tenant, clock, movements);
      return answers.map((answer) => (answer.outcome === 'moved' ? { ...answer, outcome: done } : answer));
    },
  });
}
