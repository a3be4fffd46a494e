import { expect, test } from 'vitest';
import { z } from 'zod';
import { renderJobsPage } from '../../scripts/generate/jobs-page.ts';
import { renderKinds } from '../../scripts/generate/kinds.ts';
import { typeOf } from '../../scripts/generate/typescript.ts';
import { defineAtomic } from '../../src/runtime/definition.ts';
import { Registry } from '../../src/runtime/registry.ts';

const amount = z.string().transform((text) => text.trim());

const transfer = defineAtomic({
  kind: 'wallet.transfer',
  queue: 'money',
  summary: 'Moves money from one wallet to another.',
  payload: z.strictObject({
    from: z.uuid().describe('Wallet that is debited.'),
    amount,
    memo: z.string().optional(),
    tags: z.array(z.enum(['salary', 'gift'])).default([]),
  }),
  result: z.discriminatedUnion('outcome', [
    z.strictObject({ outcome: z.literal('transferred'), amount, fee: amount.nullable() }),
    z.strictObject({ outcome: z.literal('refused'), code: z.literal('insufficient-funds') }),
  ]),
  key: () => 'x',
  ordering_key: ({ from }) => from,
  moves_money: true,
  run: async () => [],
});
const nightly = defineAtomic({
  kind: 'ledger.seal',
  queue: 'books',
  summary: 'Cuts a seal.',
  payload: z.strictObject({}),
  result: z.strictObject({}),
  key: () => 'x',
  public: false,
  run: async () => [],
});
const registry = new Registry([transfer, nightly]);

test('the client learns what every public kind takes and answers', () => {
  const squeezed = renderKinds(registry).replace(/\s+/g, ' ');
  expect(squeezed).toContain('/** Moves money from one wallet to another. */');
  expect(squeezed).toContain(
    "'wallet.transfer': { payload: { /** Wallet that is debited. */ from: string; amount: string; " +
      'memo?: string; tags?: Array<"salary" | "gift">; };',
  );
  expect(squeezed).toContain(
    'result: { outcome: "transferred"; amount: string; fee: string | null; } | ' +
      '{ outcome: "refused"; code: "insufficient-funds"; }; };',
  );
  expect(squeezed).not.toContain('ledger.seal');
});

test.each([
  [z.record(z.string(), z.number()), 'Record<string, number>'],
  [z.tuple([z.string(), z.int()]), '[string, number]'],
  [z.union([z.literal(1), z.null()]), '1 | null'],
  [z.strictObject({}), 'Record<string, never>'],
  [z.unknown(), 'unknown'],
  [z.strictObject({ 'content-type': z.boolean() }), "{\n'content-type': boolean;\n}"],
])('a type is written out (%#)', (schema, type) => {
  expect(typeOf(schema, 'input')).toBe(type);
});

test('the page of jobs tells how each kind is retried, ordered and allowed', () => {
  const page = renderJobsPage(registry);
  expect(page).toContain(
    '| `wallet.transfer` (moves money) | Moves money from one wallet to another. | atomic, groups of 64 | ' +
      '5, 500 ms … 1 min | 30 s | by key | `jobs:wallet.transfer` |',
  );
  expect(page).toContain('| *internal* |');
});
