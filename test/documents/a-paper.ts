import { factsOf } from '../../src/documents/key-facts.ts';
import { keyFactsPaper } from '../../src/documents/key-facts-paper.ts';
import type { KeyFacts } from '../../src/documents/key-facts-schema.ts';
import type { Paper } from '../../src/documents/paper.ts';
import { planSchedule } from '../../src/loans/calculator/plan.ts';
import { productRules } from '../../src/loans/product-rules.ts';
import { STANDARD_PRODUCT } from '../../src/loans/products.ts';
import { minorText } from '../../src/loans/schedule.ts';

export const MADE_AT = new Date('2026-11-20T06:30:00Z');

/** The key facts of a loan of ₹ 1,23,45,678.00 at 11.5 %, without a database. */
export function someFacts({
  name = 'Kshitij Rao',
  months = 24,
}: {
  name?: string;
  months?: number;
} = {}): KeyFacts {
  const rules = productRules.parse({
    penal: { grace_days: 3, tax_rate: '0.18', cap_loan: '5000' },
    charges: { foreclosure: { bands: [{ rate: '0.04' }], tax_rate: '0.18' } },
    disclosures: { fees: [{ name: 'Processing fee', rate: '0.02', tax_rate: '0.18' }] },
  });
  const terms = { principal: 1_234_567_800n, annual_rate: '0.115', disbursed_on: '2026-11-20' };
  const { rows } = planSchedule({ ...terms, instalments: months, rules: rules.schedule });
  return factsOf(
    {
      ...{
        of: 'application',
        id: '0197a3c0-5a1e-7b57-9d3c-6b6973740001',
        number: 'APP-42',
        lender: 'Asha Finance',
      },
      ...{ borrower: { name, reference: 'kshitij-1' }, product: { ...STANDARD_PRODUCT, rules }, ...terms },
      ...{
        tenure_months: months,
        sanctioned_on: '2026-11-20',
        score: 700,
        rescheduled: false,
        stages: [],
        today: '2026-11-20',
      },
      rows: rows.map(({ number, due_on, principal, interest, balance }) => ({
        ...{ number, due_on, outstanding: minorText(balance + principal), principal: minorText(principal) },
        ...{ interest: minorText(interest), total: minorText(principal + interest) },
      })),
    },
    { time_zone: 'Asia/Kolkata', holidays: new Set() },
    MADE_AT,
  );
}

export function somePaper(wish: Parameters<typeof someFacts>[0] = {}): Paper {
  return keyFactsPaper(someFacts(wish));
}
