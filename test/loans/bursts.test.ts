import fc from 'fast-check';
import { expect, test } from 'vitest';
import { burstsOf, type Transacted, type Watch } from '../../src/loans/fraud/bursts.ts';

const RULES = { transactions_max: 10, window_s: 5 };
const NEW: Watch = { over_until: null, cleared_at: null };
const START = Date.parse('2026-11-20T06:30:00Z');

const at = (ms: number) => new Date(START + ms);
const transacted = (...times_ms: number[]): Transacted[] =>
  times_ms.map((ms, index) => ({ journal: `journal ${index + 1}`, at: at(ms) }));
const spread = (count: number, every_ms: number, from_ms = 0) =>
  Array.from({ length: count }, (_, index) => from_ms + index * every_ms);
const look = (times_ms: number[], watch = NEW) => burstsOf(transacted(...times_ms), RULES, watch);

test('ten in five seconds are none, the eleventh is one too many', () => {
  expect(look(spread(10, 100)).bursts).toEqual([]);
  expect(look(spread(11, 100)).bursts).toEqual([
    { journal: 'journal 11', transactions: 11, since: at(0), at: at(1_000) },
  ]);
  expect(look(spread(11, 0)).bursts, 'all at one instant').toHaveLength(1);
});

test('the window is open at its beginning: eleven over exactly five seconds are none, a millisecond less is one', () => {
  expect(look(spread(11, 500)).bursts).toEqual([]);
  expect(look([...spread(10, 500), 4_999]).bursts).toMatchObject([{ since: at(0), at: at(4_999) }]);
});

test('a burst is one alert, however long it lasts; the next begins a window after the last one over the limit', () => {
  expect(look(spread(300, 100)).bursts).toHaveLength(1);
  const again = look([...spread(11, 0), ...spread(11, 0, 4_999)]);
  expect(again.bursts).toHaveLength(1);
  const apart = look([...spread(11, 0), ...spread(11, 0, 5_000)]);
  expect(apart.bursts.map((burst) => burst.at)).toEqual([at(0), at(5_000)]);
});

test('what a person has looked at counts no more', () => {
  const cleared = { over_until: at(1_000), cleared_at: at(1_000) };
  expect(look([...spread(11, 100), ...spread(10, 10, 1_001)], cleared).bursts).toEqual([]);
  expect(look([...spread(11, 100), ...spread(11, 10, 6_001)], cleared).bursts).toMatchObject([
    { transactions: 11, since: at(6_001) },
  ]);
});

test('seen in any number of looks, a history gives the alerts that one look gives', () => {
  const history = fc.array(fc.integer({ min: 0, max: 900 }), { minLength: 1, maxLength: 80 }).map((gaps) => {
    let time = 0;
    return gaps.map((gap) => {
      time += gap;
      return time;
    });
  });
  const cuts = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 80, maxLength: 80 });
  fc.assert(
    fc.property(history, cuts, fc.integer({ min: 1, max: 6 }), (times, sizes, transactions_max) => {
      const rules = { transactions_max, window_s: 2 };
      const all = transacted(...times);
      const found = [];
      let watch = NEW;
      for (let seen = 0, step = 0; seen < all.length; step += 1) {
        const next = Math.min(all.length, seen + sizes[step]!);
        const oldest_ms = all[seen]!.at.getTime() - 2_000;
        const looked = burstsOf(
          all.slice(0, next).filter((each) => each.at.getTime() > oldest_ms),
          rules,
          watch,
        );
        found.push(...looked.bursts);
        watch = { ...watch, over_until: looked.over_until };
        seen = next;
      }
      expect(found).toEqual(burstsOf(all, rules, NEW).bursts);
      expect(found.length > 0).toBe(hasBurst(times, transactions_max, 2_000));
    }),
  );
});

/** As plain as can be said: more than so many, and the first and last of them less than a window apart. */
function hasBurst(times: number[], transactions_max: number, window_ms: number): boolean {
  return times.some(
    (time, index) => (times[index + transactions_max] ?? Number.POSITIVE_INFINITY) - time < window_ms,
  );
}
