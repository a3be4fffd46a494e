import { addDays } from '../../calendar/business-date.ts';
import type { Product } from '../../loans/products.ts';
import { instalmentOf, minorText, minorUnits } from '../../loans/schedule.ts';
import { Dice } from '../dice.ts';
import type { Portfolio } from '../options.ts';
import type { LendingWish } from './actions.ts';
import type { LoanModel } from './loan-model.ts';
import { SIMULATED_PRODUCTS } from './products.ts';
import { WalletModel } from './wallet-model.ts';

export const HABITS = ['punctual', 'late', 'partial', 'never', 'ahead', 'erratic'] as const;
export type Habit = (typeof HABITS)[number];

/** Above it the lender's policy asks for two people. */
const TWO_JUDGES_ABOVE = 500_000;
/** New loans come in the first part of the life, so that they are lived through. */
const LENDING_PART = 3;

/** One applicant, and the dice that everything about them is thrown with. */
export interface Borrower {
  number: number;
  dice: Dice;
  habit: Habit;
  /** The day on which they apply, or the first after it on which the lender works. */
  applies_on: number;
  wish: LendingWish;
  product: Product;
  score: number | null;
  /** What the lender's rules say. */
  decided: 'offered' | 'referred' | 'refused';
  wallet: WalletModel;
  /** The bank accounts that they have named, and whether the last one can be paid to. */
  bank: { accounts: number; is_usable: boolean };
  /** The first day on which no payment to them is on an uncertain way. */
  settled_on: number;
  /** From the disbursal on. */
  loan: LoanModel | null;
  /** The next day on which they may do something. */
  acts_on: number;
  /** How many things they did, to name the next. */
  deeds: number;
}

export function planBorrower({ seed, days }: Portfolio, number: number): Borrower {
  const dice = new Dice(`${seed}/loan/${number}`);
  const product = dice.one(SIMULATED_PRODUCTS);
  const { score, decided } = planScore(dice);
  const amount = `${dice.between(0, 24) === 0 ? dice.between(520, 900) * 1_000 : dice.skewed(60_000, 0.8, 1_000, 10_000, 480_000)}.00`;
  const tenure_months = dice.one([3, 6, 6, 12, 12, 18, 24, 36]);
  const terms = { principal: amount, annual_rate: product.annual_rate, tenure_months };
  const reference = `life-${number}`;
  const wish: LendingWish = {
    ...{ do: 'lend', reference, applicant: `${reference}-${score === null ? 'new' : `s${score}`}` },
    ...{ date_of_birth: addDays('1980-01-01', dice.between(0, 7_000)), product: product.code },
    ...{ amount, tenure_months, monthly_income: minorText(minorUnits(instalmentOf(terms)) * 4n) },
    judges: Number(amount) > TWO_JUDGES_ABOVE ? 2 : 1,
    judgement: judgementOf(dice, decided),
    ...{ account: null, payment: null },
  };
  const applies_on = number === 0 ? 0 : dice.between(0, Math.floor(days / LENDING_PART));
  return {
    ...{ number, dice, habit: dice.one(HABITS), applies_on, wish, product, score, decided },
    ...{ wallet: new WalletModel(), loan: null, acts_on: applies_on, deeds: 0, settled_on: 0 },
    bank: { accounts: 0, is_usable: false },
  };
}

function planScore(dice: Dice): Pick<Borrower, 'score' | 'decided'> {
  const kind = dice.between(1, 100);
  if (kind <= 5) return { score: dice.between(400, 590), decided: 'refused' };
  if (kind <= 12) return { score: null, decided: 'referred' };
  return { score: dice.between(600, 880), decided: 'offered' };
}

function judgementOf(dice: Dice, decided: Borrower['decided']): LendingWish['judgement'] {
  if (decided === 'refused') return null;
  return dice.between(1, 100) <= (decided === 'referred' ? 40 : 4) ? 'reject' : 'approve';
}
