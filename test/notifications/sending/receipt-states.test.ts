import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  afterReceipt,
  MESSAGE_STATES,
  type MessageState,
} from '../../../src/notifications/sending/states.ts';

type Says = Parameters<typeof afterReceipt>[1];
const says = fc.constantFrom<Says>('taken', 'delivered', 'bounced');

/** What receipts make of a message, one after the other. */
function end(start: MessageState, receipts: readonly Says[]): MessageState {
  return receipts.reduce((state, each) => afterReceipt(state, each) ?? state, start);
}

test('receipts end the same in whatever order they come, and however often', () => {
  const story = fc
    .array(says, { minLength: 1, maxLength: 6 })
    .chain((told) =>
      fc.tuple(fc.constant(told), fc.shuffledSubarray([...told, ...told], { minLength: told.length * 2 })),
    );
  fc.assert(
    fc.property(fc.constantFrom(...MESSAGE_STATES), story, (start, [told, shuffled]) => {
      expect(end(start, shuffled)).toBe(end(start, told));
    }),
  );
});

test('what was told of a message never makes it wait to be sent again', () => {
  fc.assert(
    fc.property(fc.constantFrom(...MESSAGE_STATES), fc.array(says, { minLength: 1 }), (start, told) => {
      const worst = told.includes('bounced') || start === 'bounced' ? 'bounced' : null;
      const expected = worst ?? (told.includes('delivered') || start === 'delivered' ? 'delivered' : 'sent');
      expect(end(start, told)).toBe(expected);
    }),
  );
});
