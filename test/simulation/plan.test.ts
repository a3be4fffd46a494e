import { describe, expect, test } from 'vitest';
import { discrepancy } from '../../src/loans/life/replay.ts';
import { FAULTS as FAULTS_OF_THE_GATEWAY } from '../../src/sandbox/gateway/faults.ts';
import { FAULTS, type SimulationOptions } from '../../src/simulation/options.ts';
import { FATE_DAYS } from '../../src/simulation/plan/fates.ts';
import { planMishaps } from '../../src/simulation/plan/mishaps.ts';
import { Plan } from '../../src/simulation/plan/plan.ts';

const LIFE: SimulationOptions = { seed: 11, loans: 25, days: 120, faults: [], carrier: 'postgres' };

function daysOf(options: SimulationOptions) {
  return [...new Plan(options).days()];
}

describe('the plan of a simulated life', () => {
  test('is a pure function of the seed', () => {
    expect(daysOf(LIFE)).toEqual(daysOf({ ...LIFE }));
    expect(daysOf(LIFE)).not.toEqual(daysOf({ ...LIFE, seed: 12 }));
  });

  test('faults move no action, and leaving one out moves no other fault', () => {
    const all = daysOf({ ...LIFE, faults: FAULTS });
    expect(all.map(({ waves }) => waves)).toEqual(daysOf(LIFE).map(({ waves }) => waves));
    const kills = (days: typeof all) =>
      days.flatMap(({ day, faults }) =>
        faults.filter(({ fault }) => fault === 'kill-worker').map((each) => ({ day, ...each })),
      );
    expect(kills(all).length).toBeGreaterThan(5);
    expect(kills(daysOf({ ...LIFE, faults: ['kill-worker'] }))).toEqual(kills(all));
  });

  test('nobody acts on days that the clock leaps over', () => {
    const leapt = daysOf({ ...LIFE, faults: ['clock-jump'] }).filter(({ is_leapt_over }) => is_leapt_over);
    expect(leapt.length).toBeGreaterThan(5);
    expect(leapt.flatMap(({ waves }) => waves)).toEqual([]);
  });

  test('no two actions of a wave touch the same loan or wallet', () => {
    for (const { waves } of daysOf(LIFE)) {
      for (const wave of waves) {
        const touched = wave.flatMap(({ loan, deed }) => (deed.do === 'transfer' ? [loan, deed.to] : [loan]));
        expect(new Set(touched).size).toBe(touched.length);
      }
    }
  });

  test('sees every kind of deed, and what is refused', () => {
    const expected = daysOf({ ...LIFE, loans: 120 }).flatMap(({ waves }) =>
      waves.flat().map((action) => `${action.deed.do} ${action.expected}`),
    );
    expect([...new Set(expected)]).toEqual(
      expect.arrayContaining([
        ...['lend offered/disbursed', 'lend offered/rejected', 'lend referred/disbursed', 'lend refused'],
        ...['repay repaid/active', 'repay repaid/closed', 'bounce reversed/active', 'deposit deposited'],
        ...['withdraw withdrawn', 'withdraw refused/insufficient-funds', 'transfer transferred'],
        ...['hold held', 'release released', 'capture captured'],
        ...['pay-out begun', 'pay-out refused/no-bank-account', 'pay-out refused/insufficient-funds'],
        'name-account named',
      ]),
    );
  });

  test('sees every way in which a payout can end, and is told of each of them what people must look at', () => {
    const plan = new Plan({ ...LIFE, loans: 200 });
    const scripts = [...plan.days()].flatMap(({ waves }) =>
      waves.flat().flatMap((action) => planMishaps(plan.options, action).map(({ fault }) => fault)),
    );
    expect(new Set(scripts)).toEqual(new Set(FAULTS_OF_THE_GATEWAY.payout));
    const told = new Set(plan.payouts.flatMap(({ exceptions }) => exceptions));
    expect([...told].sort()).toEqual([
      ...['disbursal-not-paid', 'no-bank-account', 'paid-after-failure', 'paid-twice'],
    ]);
  });

  test('whoever waits for a payment does nothing until all that may become of it is over', () => {
    const waiting = new Map<number, number>();
    for (const { day, waves } of daysOf({ ...LIFE, loans: 100 })) {
      for (const { loan, deed } of waves.flat()) {
        expect(waiting.get(loan) ?? 0).toBeLessThanOrEqual(day);
        if (deed.do === 'transfer') expect(waiting.get(deed.to) ?? 0).toBeLessThanOrEqual(day);
        const payment = 'payment' in deed ? deed.payment : null;
        if (payment?.fate.script) waiting.set(loan, day + FATE_DAYS);
      }
    }
    expect(waiting.size).toBeGreaterThan(20);
  });

  test.each([1, 2, 3])('seed %i: each loan told in one go comes to how it stood step by step', (seed) => {
    const plan = new Plan({ ...LIFE, seed, loans: 60, days: 250 });
    for (const _ of plan.days());
    plan.end();
    const off = plan.borrowers.flatMap(({ loan }) =>
      loan ? (discrepancy(loan.standing, loan.toldThrough(plan.last_closed_day).standing) ?? []) : [],
    );
    expect(off).toEqual([]);
    expect(plan.borrowers.every(({ wallet }) => wallet.available >= 0n)).toBe(true);
  });
});
