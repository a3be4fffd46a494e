import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Places } from '../../src/runtime/places.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A call that ends when it is told to. */
function pending() {
  const { promise, resolve } = Promise.withResolvers<string>();
  return { call: () => promise, end: () => resolve('taken') };
}

test('an endpoint that answers at once may have any number of calls under way', async () => {
  const places = new Places();
  const calls = Array.from({ length: 100 }, pending);
  const answers = calls.map(({ call }) => places.within('quick', call));
  for (const { end } of calls) end();
  expect(new Set(await Promise.all(answers))).toEqual(new Set(['taken']));
});

test('one that hangs gets few places until it has been quick for a minute; the others get theirs', async () => {
  const places = new Places();
  const first = pending();
  const hanging = places.within('slow', first.call);
  vi.advanceTimersByTime(15_000);
  first.end();
  await hanging;

  const calls = Array.from({ length: 8 }, pending);
  const under_way = calls.map(({ call }) => places.within('slow', call));
  const never = vi.fn();
  expect(await places.within('slow', never)).toBeNull();
  expect(never).not.toHaveBeenCalled();
  expect(await places.within('other', async () => 'taken')).toBe('taken');
  for (const { end } of calls) end();
  await Promise.all(under_way);

  vi.advanceTimersByTime(60_000);
  const many = Array.from({ length: 20 }, pending);
  const answers = many.map(({ call }) => places.within('slow', call));
  for (const { end } of many) end();
  expect(new Set(await Promise.all(answers))).toEqual(new Set(['taken']));
});
