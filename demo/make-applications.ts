import { ageOn, decide } from '../src/loans/decision.ts';
import { STANDARD_PRODUCT } from '../src/loans/products.ts';
import { instalmentOf } from '../src/loans/schedule.ts';
import { reportOn } from '../src/sandbox/bureau.ts';
import { Dice } from '../src/simulation/dice.ts';
import { START_DATE } from './calendar.ts';
import { CITIES, FAMILY_NAMES, FIRST_NAMES } from './people.ts';
import type { ApplicationLine } from './read-csv.ts';

const APPLICATIONS = 330;
const TENURES = [6, 6, 9, 12, 12, 12, 18, 18, 24, 24, 24, 30, 36, 36];

/** What is wrong with the lines that are wrong, and what must come of them. */
const BLEMISHES: ((line: ApplicationLine, earlier: ApplicationLine) => ApplicationLine)[] = [
  (line) => ({ ...line, amount: '2,50,000', expected: 'invalid/amount' }),
  (line) => ({ ...line, amount: '1e6', expected: 'invalid/amount' }),
  (line) => ({ ...line, amount: '75000.505', expected: 'invalid/amount' }),
  (line) => ({ ...line, date_of_birth: '1988-02-31', expected: 'invalid/applicant/date_of_birth' }),
  (line) => ({ ...line, date_of_birth: '14/08/1990', expected: 'invalid/applicant/date_of_birth' }),
  (line) => ({ ...line, phone: '98450 12345', expected: 'invalid/applicant/phone' }),
  (line) => ({ ...line, tenure_months: '', expected: 'invalid/tenure_months' }),
  (line) => ({ ...line, monthly_income: '-45000', expected: 'invalid/monthly_income' }),
  (line) => ({ ...line, name: '', expected: 'invalid/applicant/name' }),
  (line) => ({ ...line, amount: '4000.00', expected: '' }),
  (line) => ({ ...line, amount: '2500000.00', monthly_income: '900000.00', expected: '' }),
  (line) => ({ ...line, monthly_income: '9000.00', expected: '' }),
  (line) => ({ ...line, monthly_income: '0', expected: '' }),
  (line) => ({ ...line, applicant: `${line.applicant}-s480`, expected: '' }),
  (line) => ({ ...line, applicant: `${line.applicant}-new`, expected: '' }),
  (line, { applicant, name, phone, date_of_birth, city }) => ({
    ...{ ...line, applicant, name, phone, date_of_birth, city },
    expected: 'refused/duplicate-application',
  }),
  (_, earlier) => ({ ...earlier, expected: 'replayed' }),
  (line, { reference }) => ({ ...line, reference, expected: 'conflict' }),
];

/** Applications as a lender gets them: mostly sound; one in twenty malformed, ineligible or sent twice. */
export function makeApplications(): ApplicationLine[] {
  const dice = new Dice('applications');
  const lines: ApplicationLine[] = [];
  for (let number = 1; number <= APPLICATIONS; number += 1) lines.push(soundLine(dice, number));
  const every = Math.floor(APPLICATIONS / BLEMISHES.length);
  for (const [index, blemish] of BLEMISHES.entries()) {
    const place = (index + 1) * every - 3;
    lines[place] = blemish(lines[place]!, lines[place - 7]!);
  }
  return lines.map((line) => (line.expected === '' ? { ...line, expected: foreseen(line) } : line));
}

function soundLine(dice: Dice, number: number): ApplicationLine {
  const amount = dice.skewed(140_000, 0.75, 5_000, 15_000, 900_000);
  const tenure_months = dice.one(TENURES);
  const instalment = Number(instalmentOf({ principal: `${amount}`, annual_rate: '0.18', tenure_months }));
  const income = dice.skewed(
    Math.max(instalment * 3.6, 24_000),
    0.25,
    500,
    Math.ceil(instalment * 2.4),
    900_000,
  );
  const obligations = dice.fraction() < 0.45 ? 0 : dice.skewed(income * 0.06, 0.6, 100, 0, income * 0.12);
  return {
    reference: `APP-2026-${String(number).padStart(4, '0')}`,
    applicant: `KYC${String(dice.between(10_000_000, 99_999_999))}`,
    name: `${dice.one(FIRST_NAMES)} ${dice.one(FAMILY_NAMES)}`,
    phone: `+91${dice.between(70_000, 99_999)}${String(dice.between(0, 99_999)).padStart(5, '0')}`,
    date_of_birth: `${dice.between(1964, 2003)}-${two(dice.between(1, 12))}-${two(dice.between(1, 28))}`,
    city: dice.one(CITIES),
    amount: `${amount}.00`,
    tenure_months: String(tenure_months),
    monthly_income: `${Math.round(income)}.00`,
    monthly_obligations: `${Math.round(obligations)}.00`,
    expected: '',
  };
}

/** What the lender's rules must make of a sound line, with the score that the bureau's simulator gives. */
function foreseen(line: ApplicationLine): string {
  const { outcome, reasons } = decide({
    product: STANDARD_PRODUCT,
    amount: line.amount,
    tenure_months: Number(line.tenure_months),
    monthly_income: line.monthly_income,
    monthly_obligations: line.monthly_obligations,
    score: reportOn(line.applicant, '').score,
    age: ageOn(line.date_of_birth, START_DATE),
    duplicate_of: null,
    exposure: { outstanding: '0', approved: '0', applied_for: '0' },
    fraud_flags: [],
  });
  return [outcome, ...reasons.slice(0, 1)].join('/');
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}
