import { allocation, allocationRequest } from './allocation.ts';
import {
  allocationAnswer,
  dayCountAnswer,
  foreclosureAnswer,
  penaltyAnswer,
  rateAnswer,
  scheduleAnswer,
  valueAnswer,
} from './answers.ts';
import { type Calculation, defineCalculation } from './calculation.ts';
import { dayCount, dayCountRequest } from './day-count.ts';
import { foreclosure, foreclosureRequest } from './foreclosure.ts';
import { penalty, penaltyRequest } from './penalty.ts';
import * as annuities from './rates/annuities.ts';
import { apr, aprRequest } from './rates/apr.ts';
import * as returns from './rates/returns.ts';
import { schedule, scheduleRequest } from './schedule.ts';

const EXCEL = "Excel's function of this name";

const annuity = { rate: '0.01', nper: 12, pv: '100000' };

/** Every function, in the order of the manual. */
const ALL: readonly Calculation[] = [
  defineCalculation({
    fn: 'schedule',
    summary: 'The schedule of a loan: exactly the rows asked for; the last one takes the remainder',
    source: 'E = P·Π(1+i_k) / Σ_j Π_{m>j}(1+i_m), which is the annuity formula where all periods are equal',
    request: scheduleRequest,
    answer: scheduleAnswer,
    example: { principal: '1000', annualRate: '12', instalments: 2, disbursedOn: '2026-01-01' },
    run: schedule,
  }),
  defineCalculation({
    fn: 'day-count',
    summary: 'Days and part of a year between two dates',
    source: 'ISDA 2006 definitions, section 4.16; ICMA rule 251; Excel for the functions named after it',
    request: dayCountRequest,
    answer: dayCountAnswer,
    example: { convention: 'actual/365', from: '2026-01-01', to: '2026-02-01' },
    run: dayCount,
  }),
  defineCalculation({
    fn: 'apr',
    summary:
      'Annual percentage rate, percent to 6 decimals. eu: effective, t and step in years. us: nominal, t in ' +
      'whole unit periods, payments repeat every one. in: nominal, t and step in months',
    source:
      'eu: directives 2008/48/EC and 2014/17/EU, annex I. us: Regulation Z, appendix J. in: RBI circular on key ' +
      'facts statements, 2024: monthly internal rate × 12',
    request: aprRequest,
    answer: rateAnswer,
    example: {
      method: 'eu',
      advances: [{ t: '0', amount: '1000' }],
      payments: [{ t: '1/12', step: '1/12', count: 12, amount: '90' }],
    },
    run: apr,
  }),
  defineCalculation({
    fn: 'xirr',
    summary:
      'Rate a year, a fraction, at which dated flows are worth nothing together; null where there is none',
    source: 'Σ a(1+x)^(−days/365) = 0',
    request: returns.xirrRequest,
    answer: rateAnswer,
    example: {
      flows: [
        { on: '2026-01-01', amount: '-1000' },
        { on: '2027-01-01', amount: '1100' },
      ],
    },
    run: returns.xirr,
  }),
  defineCalculation({
    fn: 'irr',
    summary:
      'Rate a period at which equally spaced flows are worth nothing together; null where there is none',
    source: 'Σ v_k(1+i)^(−k) = 0, k from 0',
    request: returns.irrRequest,
    answer: valueAnswer,
    example: { values: ['-100', '60', '72'] },
    run: returns.irr,
  }),
  defineCalculation({
    fn: 'npv',
    summary: 'Present value of equally spaced flows, the first after one period',
    source: 'Σ v_k(1+i)^(−k), k from 1',
    request: returns.npvRequest,
    answer: valueAnswer,
    example: { rate: '0.1', values: ['-10000', '3000', '4200', '6800'] },
    run: returns.npv,
  }),
  defineCalculation({
    fn: 'pmt',
    summary: 'The payment of each period',
    source: EXCEL,
    request: annuities.pmtRequest,
    answer: valueAnswer,
    example: annuity,
    run: annuities.pmt,
  }),
  defineCalculation({
    fn: 'fv',
    summary: 'The balance after the last payment',
    source: EXCEL,
    request: annuities.fvRequest,
    answer: valueAnswer,
    example: { rate: '0.005', nper: 10, pmt: '-200', pv: '-500', type: 1 },
    run: annuities.fv,
  }),
  defineCalculation({
    fn: 'pv',
    summary: 'The present value of the payments',
    source: EXCEL,
    request: annuities.pvRequest,
    answer: valueAnswer,
    example: { rate: '0.01', nper: 12, pmt: '-8884.88' },
    run: annuities.pv,
  }),
  defineCalculation({
    fn: 'nper',
    summary: 'The number of payments; null where no number of them pays the debt off',
    source: EXCEL,
    request: annuities.nperRequest,
    answer: valueAnswer,
    example: { rate: '0.01', pmt: '-100', pv: '-1000', fv: '10000', type: 1 },
    run: annuities.nperOf,
  }),
  defineCalculation({
    fn: 'rate',
    summary: 'The rate of a period; null where there is none',
    source: EXCEL,
    request: returns.rateRequest,
    answer: valueAnswer,
    example: { nper: 48, pmt: '-200', pv: '8000' },
    run: returns.rate,
  }),
  defineCalculation({
    fn: 'ipmt',
    summary: 'The interest in one payment; with type 1 there is none in the first',
    source: EXCEL,
    request: annuities.partRequest,
    answer: valueAnswer,
    example: { ...annuity, per: 1 },
    run: annuities.ipmt,
  }),
  defineCalculation({
    fn: 'ppmt',
    summary: 'The principal in one payment',
    source: EXCEL,
    request: annuities.partRequest,
    answer: valueAnswer,
    example: { ...annuity, per: 1 },
    run: annuities.ppmt,
  }),
  defineCalculation({
    fn: 'cumipmt',
    summary: 'The interest in the payments from start to end',
    source: EXCEL,
    request: annuities.cumulativeRequest,
    answer: valueAnswer,
    example: { rate: '0.0075', nper: 360, pv: '125000', start: 13, end: 24, type: 0 },
    run: annuities.cumipmt,
  }),
  defineCalculation({
    fn: 'cumprinc',
    summary: 'The principal in the payments from start to end',
    source: EXCEL,
    request: annuities.cumulativeRequest,
    answer: valueAnswer,
    example: { rate: '0.0075', nper: 360, pv: '125000', start: 13, end: 24, type: 0 },
    run: annuities.cumprinc,
  }),
  defineCalculation({
    fn: 'penalty',
    summary: 'The penal charge on one overdue instalment, day by day',
    source: 'base × daily rate × chargeable days, rounded once; RBI, fair lending: penal charges, 2023',
    request: penaltyRequest,
    answer: penaltyAnswer,
    example: { dueOn: '2026-01-05', asOf: '2026-01-08', principal: '3834', interest: '750', score: 700 },
    run: penalty,
  }),
  defineCalculation({
    fn: 'foreclosure',
    summary: 'What ending a loan on a day asks for, with what each further day adds',
    source:
      'principal + interest accrued and due + penal charges + fees + charge and its tax − advance and excess; the ' +
      'charge by the contract, unless a rule pack forbids it',
    request: foreclosureRequest,
    answer: foreclosureAnswer,
    example: {
      ...{ asOf: '2026-01-20', principalOutstanding: '46166', annualRate: '18', lastDueOn: '2026-01-05' },
      charge: { percent: '2', taxRate: '18' },
    },
    run: foreclosure,
  }),
  defineCalculation({
    fn: 'allocation',
    summary: 'How a payment is spread over what instalments ask for',
    source: 'the waterfall of a product: vertical or horizontal, in an order of components',
    request: allocationRequest,
    answer: allocationAnswer,
    example: {
      amount: '5000',
      instalments: [
        { n: 1, penal: '12', interest: '750', principal: '3834' },
        { n: 2, interest: '692.49', principal: '3891.51' },
      ],
    },
    run: allocation,
  }),
];

export const CALCULATIONS: ReadonlyMap<string, Calculation> = new Map(ALL.map((each) => [each.fn, each]));
