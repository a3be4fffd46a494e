import { type ProductRules, productRules } from '../../loans/product-rules.ts';
import { type Product, STANDARD_PRODUCT } from '../../loans/products.ts';

/** Days until a simulated loan is non-performing: soon, so that short lives see it. */
const QUICK_DELINQUENCY = { sma_1_from: 6, sma_2_from: 11, npa_from: 16 };

/** Products that differ in every rule that a servicing loan meets. */
export const SIMULATED_PRODUCTS: readonly Product[] = [
  product('personal', '0.18', {}),
  product('daily', '0.24', {
    schedule: { amortisation: 'equal-principal', day_count: 'actual/365', rounding: 'half-up' },
    accrual: { interest: 'daily' },
    excess: 'advance',
    disbursement: { to: 'bank' },
    penal: { base: 'overdue-principal', grace_days: 3, tax_rate: '0.18' },
    delinquency: QUICK_DELINQUENCY,
  }),
  product('flat-charge', '0.15', {
    schedule: { amortisation: 'flat', instalment_multiple: '10' },
    excess: 'wallet',
    penal: {
      ...{ base: 'flat', flat_base: '10000.00', grace_days: 2, grace_charged_back: false },
      ...{ cap_instalment: '150.00', cap_loan: '900.00', minimum: '25.00' },
    },
    waterfall: { standard: { order: ['interest', 'principal', 'fees', 'penal'], direction: 'horizontal' } },
  }),
  product('strict', '0.30', {
    schedule: { day_count: '30/360', grace_principal: 1, holiday_shift: 'next' },
    accrual: { interest: 'daily' },
    delinquency: { ...QUICK_DELINQUENCY, due_date_counts_as: 1 },
    penal: { cap_instalment: '400.00', tax_rate: '0.18' },
    reminders: { before_due_days: [5, 1], overdue_days: [2] },
    disbursement: { to: 'bank', mode: 'NEFT' },
  }),
];

function product(
  code: string,
  annual_rate: string,
  rules: Partial<Record<keyof ProductRules, unknown>>,
): Product {
  return {
    ...STANDARD_PRODUCT,
    ...{ code: `sim-${code}`, name: `Simulated: ${code}`, annual_rate },
    rules: productRules.parse({ ...rules, decision: { exposure_max: '2000000.00' } }),
  };
}
