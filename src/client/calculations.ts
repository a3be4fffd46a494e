// Generated from src/loans/calculator by `npm run generate`; do not edit.

/** What each function of the calculator reads, and what it answers. */
export type Calculations = {
  /** The schedule of a loan: exactly the rows asked for; the last one takes the remainder */
  schedule: {
    request: {
      /** Paid out on disbursedOn, less the fees of that day */
      principal: string;
      /** Percent a year */
      annualRate: string;
      /** Rows of the schedule. Needed unless dueDates or fixedInstalment tell them */
      instalments?: number;
      /** Length of a period, one month unless told */
      every?: {
        count?: number;
        unit?: 'day' | 'week' | 'month' | 'year';
      };
      /** Date, YYYY-MM-DD */
      disbursedOn: string;
      /** One period after disbursedOn unless told. A first period of another length bears interest by the day count, once; with months and ICMA: for the whole periods back from firstDueOn, and for the days before by the period they lie in */
      firstDueOn?: string;
      /** All due dates, ascending. With months, every period after the first counts as one `every` */
      dueDates?: Array<string>;
      /** equal-instalment: principal and interest together are level, but a row pays its interest at least. equal-principal: the principal is level. flat: so is the interest, on all that was lent over the whole term. interest-only: the principal with the last row */
      amortisation?: 'equal-instalment' | 'equal-principal' | 'flat' | 'interest-only';
      /** The level instalment: the number of rows follows from it, `instalments` is not used */
      fixedInstalment?: string;
      /** months = rate × count / 12 a period (weeks / 52, days / 365), whatever its days. Where something happens within a period, the days before and after it count apart: what the convention counts to their end less what it counts to their beginning; with months and ICMA their share of the days of the period. actual/actual-ICMA takes regular coupons: no days or weeks, no dueDates */
      dayCount?:
        | 'months'
        | '30/360'
        | '30E/360'
        | '30E/360-ISDA'
        | 'actual/365'
        | 'actual/360'
        | 'actual/364'
        | 'actual/actual-ISDA'
        | 'actual/actual-ICMA'
        | 'actual/actual-AFB';
      rounding?: {
        /** half-even: halves to the even neighbour. up: away from zero. down: towards zero. */
        mode?: 'half-even' | 'half-up' | 'up' | 'down';
        /** Decimals of every computed amount */
        places?: number;
        /** Round the level instalment to a multiple of this; one multiple lower where it would pay the loan off before its last row */
        instalmentMultiple?: string;
      };
      grace?: {
        /** Rows that pay interest only */
        principal?: number;
        /** Rows whose interest is paid with the first row after them, without interest on it */
        interest?: number;
        /** Comes before the other graces */
        moratorium?: {
          /** First rows that pay nothing */
          instalments?: number;
          /** Interest of these rows: capitalise = added to the principal at each due date; carry-forward = paid with the first row after; spread = paid in equal parts with all rows after */
          treatment?: 'capitalise' | 'carry-forward' | 'spread';
        };
      };
      /** Payouts after the first, on top of the principal. A list that begins on disbursedOn is every payout, and adds up to the principal */
      tranches?: Array<{
        /** Date, YYYY-MM-DD */
        on: string;
        /** Amount of money, above zero */
        amount: string;
      }>;
      /** The rate from the day on. The level instalment is solved anew in the row whose period has the day, without knowing of later changes; so it is for tranches */
      rateChanges?: Array<{
        /** Date, YYYY-MM-DD */
        on: string;
        /** Percent a year */
        annualRate: string;
      }>;
      /** No interest on the days from `from` up to but without `to`. The level instalment is solved knowing of them */
      pauses?: Array<{
        /** Date, YYYY-MM-DD */
        from: string;
        /** Date, YYYY-MM-DD */
        to: string;
      }>;
      /** Lowers the principal on the day, after a row that is due on it; interest accrued so far falls due with its row. reduce-term keeps the instalment, so that there are fewer rows and a short last one. It is in no row, but in totals.prepaid. One of all that is owed ends the loan */
      prepayments?: Array<{
        /** Date, YYYY-MM-DD */
        on: string;
        /** Amount of money, above zero */
        amount: string;
        effect?: 'reduce-instalment' | 'reduce-term';
      }>;
      /** On a day: falls due with the row of its period, or is kept back from the payout on disbursedOn. "instalment": with every row */
      fees?: Array<{
        name: string;
        on: 'instalment' | string;
        /** Amount of money, above zero */
        amount: string;
      }>;
      holidays?: {
        /** Days without business */
        dates?: Array<string>;
        weekend?: Array<'monday' | 'tuesday' | 'wednesday' | 'thursday' | 'friday' | 'saturday' | 'sunday'>;
        /** Where a due date without business goes; modified-next = next, but not into another month. A day taken by the row before goes to the next open day. Interest runs to the day as moved; with months and ICMA a period counts whole all the same */
        shift?: 'none' | 'next' | 'previous' | 'modified-next';
      };
    };
    answer: {
      instalments: Array<{
        n: number;
        /** Date, YYYY-MM-DD */
        from: string;
        /** Date, YYYY-MM-DD */
        due: string;
        principal: string;
        interest: string;
        fees: string;
        total: string;
        /** Principal owed after the row */
        balance: string;
        /** With `explain`: how each number came about */
        trace?: Record<
          string,
          {
            /** Rule and version */
            rule: string;
            inputs: Record<string, string | number>;
            unrounded: string;
            rounding: string;
          }
        >;
      }>;
      totals: {
        principal: string;
        interest: string;
        fees: string;
        total: string;
        prepaid: string;
        /** Interest that a moratorium made principal */
        capitalised: string;
        /** Kept back from the payout; in no row */
        feesAtDisbursal: string;
      };
      /** Percent a year, nominal (rate of a period × periods of a year), on the net disbursed amount, fees in; null where there is none */
      apr: string | null;
      /** With `explain`: how each number came about */
      trace?: Record<
        string,
        {
          /** Rule and version */
          rule: string;
          inputs: Record<string, string | number>;
          unrounded: string;
          rounding: string;
        }
      >;
    };
  };
  /** Days and part of a year between two dates */
  'day-count': {
    request: {
      convention:
        | '30/360'
        | '30/360-PSA'
        | '30E/360'
        | '30E/360-ISDA'
        | 'actual/365'
        | 'actual/360'
        | 'actual/364'
        | 'actual/actual-ISDA'
        | 'actual/actual-ICMA'
        | 'actual/actual-AFB'
        | 'nl/365'
        | 'months'
        | 'excel-yearfrac-0'
        | 'excel-yearfrac-1'
        | 'excel-yearfrac-2'
        | 'excel-yearfrac-3'
        | 'excel-yearfrac-4'
        | 'excel-days360';
      /** Date, YYYY-MM-DD */
      from: string;
      /** Date, YYYY-MM-DD */
      to: string;
      /** actual/actual-ICMA: first day of a regular coupon period; `from` unless told */
      couponFrom?: string;
      /** actual/actual-ICMA: its end; `to` unless told */
      couponTo?: string;
      /** actual/actual-ICMA: coupons a year; as long as the coupon period unless told */
      frequency?: 1 | 2 | 3 | 4 | 6 | 12;
      /** 30E/360-ISDA: last day of the contract */
      termination?: string;
    };
    answer: {
      days: number;
      /** Part of a year */
      fraction: string;
      /** With `explain`: how each number came about */
      trace?: Record<
        string,
        {
          /** Rule and version */
          rule: string;
          inputs: Record<string, string | number>;
          unrounded: string;
          rounding: string;
        }
      >;
    };
  };
  /** Annual percentage rate, percent to 6 decimals. eu: effective, t and step in years. us: nominal, t in whole unit periods, payments repeat every one. in: nominal, t and step in months */
  apr: {
    request:
      | {
          method: 'eu';
          advances: Array<{
            /** Time, a number or a sum of fractions */
            t: string | number;
            /** From one of the `count` payments to the next */
            step?: string | number;
            /** How many equal payments */
            count?: number;
            /** Amount of money, above zero */
            amount: string;
          }>;
          payments: Array<{
            /** Time, a number or a sum of fractions */
            t: string | number;
            /** From one of the `count` payments to the next */
            step?: string | number;
            /** How many equal payments */
            count?: number;
            /** Amount of money, above zero */
            amount: string;
          }>;
        }
      | {
          method: 'us';
          unitPeriodsPerYear: number;
          advances: Array<{
            /** Time, a number or a sum of fractions */
            t: string | number;
            /** Part of a unit period on top of `t`, at simple interest */
            odd?: string | number;
            /** From one of the `count` payments to the next; every unit period unless told */
            step?: string | number;
            /** How many equal payments */
            count?: number;
            /** Amount of money, above zero */
            amount: string;
          }>;
          payments: Array<{
            /** Time, a number or a sum of fractions */
            t: string | number;
            /** Part of a unit period on top of `t`, at simple interest */
            odd?: string | number;
            /** From one of the `count` payments to the next; every unit period unless told */
            step?: string | number;
            /** How many equal payments */
            count?: number;
            /** Amount of money, above zero */
            amount: string;
          }>;
        }
      | {
          method: 'in';
          advances: Array<{
            /** Time, a number or a sum of fractions */
            t: string | number;
            /** From one of the `count` payments to the next */
            step?: string | number;
            /** How many equal payments */
            count?: number;
            /** Amount of money, above zero */
            amount: string;
          }>;
          payments: Array<{
            /** Time, a number or a sum of fractions */
            t: string | number;
            /** From one of the `count` payments to the next */
            step?: string | number;
            /** How many equal payments */
            count?: number;
            /** Amount of money, above zero */
            amount: string;
          }>;
        };
    answer: {
      /** null where there is none */
      rate: string | null;
      /** With `explain`: how each number came about */
      trace?: Record<
        string,
        {
          /** Rule and version */
          rule: string;
          inputs: Record<string, string | number>;
          unrounded: string;
          rounding: string;
        }
      >;
    };
  };
  /** Rate a year, a fraction, at which dated flows are worth nothing together; null where there is none */
  xirr: {
    request: {
      /** In any order; below zero: paid, above: received */
      flows: Array<{
        /** Date, YYYY-MM-DD */
        on: string;
        /** Decimal */
        amount: string | number;
      }>;
      /** Of several rates the one nearest to this is the answer; 0.1 unless told */
      guess?: string | number;
    };
    answer: {
      /** null where there is none */
      rate: string | null;
      /** With `explain`: how each number came about */
      trace?: Record<
        string,
        {
          /** Rule and version */
          rule: string;
          inputs: Record<string, string | number>;
          unrounded: string;
          rounding: string;
        }
      >;
    };
  };
  /** Rate a period at which equally spaced flows are worth nothing together; null where there is none */
  irr: {
    request: {
      /** One a period, the first now */
      values: Array<string | number>;
      /** Of several rates the one nearest to this is the answer; 0.1 unless told */
      guess?: string | number;
    };
    answer: {
      /** 34 significant digits; null where there is none */
      value: string | null;
      /** With `explain`: how each number came about */
      trace?: Record<
        string,
        {
          /** Rule and version */
          rule: string;
          inputs: Record<string, string | number>;
          unrounded: string;
          rounding: string;
        }
      >;
    };
  };
  /** Present value of equally spaced flows, the first after one period */
  npv: {
    request: {
      /** Rate of one period, a fraction: 0.01 is 1 % */
      rate: string | number;
      /** One a period, the first after one */
      values: Array<string | number>;
    };
    answer: {
      /** 34 significant digits; null where there is none */
      value: string | null;
      /** With `explain`: how each number came about */
      trace?: Record<
        string,
        {
          /** Rule and version */
          rule: string;
          inputs: Record<string, string | number>;
          unrounded: string;
          rounding: string;
        }
      >;
    };
  };
  /** The payment of each period */
  pmt: {
    request: {
      /** Rate of one period, a fraction: 0.01 is 1 % */
      rate: string | number;
      /** Number of periods */
      nper: string | number;
      /** Present value */
      pv: string | number;
      /** Balance after the last payment; 0 unless told */
      fv?: string | number;
      /** 0: payments at the end of periods; 1: at their beginning */
      type?: 0 | 1 | '0' | '1';
    };
    answer: {
      /** 34 significant digits; null where there is none */
      value: string | null;
      /** With `explain`: how each number came about */
      trace?: Record<
        string,
        {
          /** Rule and version */
          rule: string;
          inputs: Record<string, string | number>;
          unrounded: string;
          rounding: string;
        }
      >;
    };
  };
  /** The balance after the last payment */
  fv: {
    request: {
      /** Rate of one period, a fraction: 0.01 is 1 % */
      rate: string | number;
      /** Number of periods */
      nper: string | number;
      /** Payment of each period; below zero: paid */
      pmt?: string | number;
      /** Present value */
      pv?: string | number;
      /** 0: payments at the end of periods; 1: at their beginning */
      type?: 0 | 1 | '0' | '1';
    };
    answer: {
      /** 34 significant digits; null where there is none */
      value: string | null;
      /** With `explain`: how each number came about */
      trace?: Record<
        string,
        {
          /** Rule and version */
          rule: string;
          inputs: Record<string, string | number>;
          unrounded: string;
          rounding: string;
        }
      >;
    };
  };
  /** The present value of the payments */
  pv: {
    request: {
      /** Rate of one period, a fraction: 0.01 is 1 % */
      rate: string | number;
      /** Number of periods */
      nper: string | number;
      /** Payment of each period; below zero: paid */
      pmt?: string | number;
      /** Balance after the last payment; 0 unless told */
      fv?: string | number;
      /** 0: payments at the end of periods; 1: at their beginning */
      type?: 0 | 1 | '0' | '1';
    };
    answer: {
      /** 34 significant digits; null where there is none */
      value: string | null;
      /** With `explain`: how each number came about */
      trace?: Record<
        string,
        {
          /** Rule and version */
          rule: string;
          inputs: Record<string, string | number>;
          unrounded: string;
          rounding: string;
        }
      >;
    };
  };
  /** The number of payments; null where no number of them pays the debt off */
  nper: {
    request: {
      /** Rate of one period, a fraction: 0.01 is 1 % */
      rate: string | number;
      /** Payment of each period; below zero: paid */
      pmt: string | number;
      /** Present value */
      pv: string | number;
      /** Balance after the last payment; 0 unless told */
      fv?: string | number;
      /** 0: payments at the end of periods; 1: at their beginning */
      type?: 0 | 1 | '0' | '1';
    };
    answer: {
      /** 34 significant digits; null where there is none */
      value: string | null;
      /** With `explain`: how each number came about */
      trace?: Record<
        string,
        {
          /** Rule and version */
          rule: string;
          inputs: Record<string, string | number>;
          unrounded: string;
          rounding: string;
        }
      >;
    };
  };
  /** The rate of a period; null where there is none */
  rate: {
    request: {
      /** Number of periods */
      nper: string | number;
      /** Decimal */
      pmt: string | number;
      /** Decimal */
      pv: string | number;
      /** Decimal */
      fv?: string | number;
      /** 0: payments at the end of periods; 1: at their beginning */
      type?: 0 | 1 | '0' | '1';
      /** Of several rates the one nearest to this is the answer; 0.1 unless told */
      guess?: string | number;
    };
    answer: {
      /** 34 significant digits; null where there is none */
      value: string | null;
      /** With `explain`: how each number came about */
      trace?: Record<
        string,
        {
          /** Rule and version */
          rule: string;
          inputs: Record<string, string | number>;
          unrounded: string;
          rounding: string;
        }
      >;
    };
  };
  /** The interest in one payment; with type 1 there is none in the first */
  ipmt: {
    request: {
      /** Rate of one period, a fraction: 0.01 is 1 % */
      rate: string | number;
      /** Period, from 1 on */
      per: string | number;
      /** Number of periods */
      nper: string | number;
      /** Present value */
      pv: string | number;
      /** Balance after the last payment; 0 unless told */
      fv?: string | number;
      /** 0: payments at the end of periods; 1: at their beginning */
      type?: 0 | 1 | '0' | '1';
    };
    answer: {
      /** 34 significant digits; null where there is none */
      value: string | null;
      /** With `explain`: how each number came about */
      trace?: Record<
        string,
        {
          /** Rule and version */
          rule: string;
          inputs: Record<string, string | number>;
          unrounded: string;
          rounding: string;
        }
      >;
    };
  };
  /** The principal in one payment */
  ppmt: {
    request: {
      /** Rate of one period, a fraction: 0.01 is 1 % */
      rate: string | number;
      /** Period, from 1 on */
      per: string | number;
      /** Number of periods */
      nper: string | number;
      /** Present value */
      pv: string | number;
      /** Balance after the last payment; 0 unless told */
      fv?: string | number;
      /** 0: payments at the end of periods; 1: at their beginning */
      type?: 0 | 1 | '0' | '1';
    };
    answer: {
      /** 34 significant digits; null where there is none */
      value: string | null;
      /** With `explain`: how each number came about */
      trace?: Record<
        string,
        {
          /** Rule and version */
          rule: string;
          inputs: Record<string, string | number>;
          unrounded: string;
          rounding: string;
        }
      >;
    };
  };
  /** The interest in the payments from start to end */
  cumipmt: {
    request: {
      /** Rate of one period, a fraction: 0.01 is 1 % */
      rate: string | number;
      /** Number of periods */
      nper: string | number;
      /** Present value, above 0 */
      pv: string | number;
      /** First period */
      start: string | number;
      /** Last period */
      end: string | number;
      /** 0: payments at the end of periods; 1: at their beginning */
      type?: 0 | 1 | '0' | '1';
    };
    answer: {
      /** 34 significant digits; null where there is none */
      value: string | null;
      /** With `explain`: how each number came about */
      trace?: Record<
        string,
        {
          /** Rule and version */
          rule: string;
          inputs: Record<string, string | number>;
          unrounded: string;
          rounding: string;
        }
      >;
    };
  };
  /** The principal in the payments from start to end */
  cumprinc: {
    request: {
      /** Rate of one period, a fraction: 0.01 is 1 % */
      rate: string | number;
      /** Number of periods */
      nper: string | number;
      /** Present value, above 0 */
      pv: string | number;
      /** First period */
      start: string | number;
      /** Last period */
      end: string | number;
      /** 0: payments at the end of periods; 1: at their beginning */
      type?: 0 | 1 | '0' | '1';
    };
    answer: {
      /** 34 significant digits; null where there is none */
      value: string | null;
      /** With `explain`: how each number came about */
      trace?: Record<
        string,
        {
          /** Rule and version */
          rule: string;
          inputs: Record<string, string | number>;
          unrounded: string;
          rounding: string;
        }
      >;
    };
  };
  /** The penal charge on one overdue instalment, day by day */
  penalty: {
    request: {
      /** Date, YYYY-MM-DD */
      dueOn: string;
      /** The last day that is charged */
      asOf: string;
      /** Overdue of the principal */
      principal?: string;
      /** Overdue of the interest */
      interest?: string;
      /** Credit score; without one, the first band counts */
      score?: number;
      /** Charged on the loan before, without tax: for its cap */
      chargedBefore?: string;
      rule?: {
        version?: string;
        base?: 'overdue-instalment' | 'overdue-principal' | 'flat';
        /** What the rate is taken of where the base is flat */
        flatBase?: string;
        /** Percent a day, whatever the score; instead of bands */
        dailyRate?: string;
        /** The rate by credit score; a score below the first band takes the first */
        bands?: Array<{
          scoreFrom: number;
          /** Percent a day */
          dailyRate: string;
        }>;
        graceDays?: number;
        /** Once grace is over, its days are charged as well */
        graceChargedBack?: boolean;
        /** Amount of money */
        capPerInstalment?: string;
        /** Amount of money */
        capPerLoan?: string;
        /** Least charge of an instalment that is charged at all */
        minimum?: string;
        /** Percent of the charge */
        taxRate?: string;
      };
    };
    answer: {
      daysLate: number;
      /** Days that are charged, before any cap */
      chargeableDays: number;
      /** What the rate is taken of */
      base: string;
      /** Percent a day */
      rate: string;
      /** base × rate × chargeable days: before minimum and caps */
      unrounded: string;
      charge: string;
      tax: string;
      total: string;
      days: Array<{
        /** Date, YYYY-MM-DD */
        day: string;
        amount: string;
        tax: string;
      }>;
      /** With `explain`: how each number came about */
      trace?: Record<
        string,
        {
          /** Rule and version */
          rule: string;
          inputs: Record<string, string | number>;
          unrounded: string;
          rounding: string;
        }
      >;
    };
  };
  /** What ending a loan on a day asks for, with what each further day adds */
  foreclosure: {
    request: {
      /** Date, YYYY-MM-DD */
      asOf: string;
      /** Amount of money */
      principalOutstanding: string;
      /** Percent a year */
      annualRate?: string;
      /** Interest has been asked for up to this day: a due date, or the disbursal */
      lastDueOn?: string;
      /** months: end of the running period; a month after lastDueOn unless told */
      nextDueOn?: string;
      dayCount?:
        | 'months'
        | '30/360'
        | '30E/360'
        | '30E/360-ISDA'
        | 'actual/365'
        | 'actual/360'
        | 'actual/364'
        | 'actual/actual-ISDA'
        | 'actual/actual-AFB';
      /** Instead of lastDueOn: interest accrued to the day */
      accruedInterest?: string;
      /** Interest that fell due and is unpaid */
      interestDue?: string;
      /** Penal charges that are unpaid */
      penalDue?: string;
      /** Amount of money */
      fees?: string;
      /** Paid ahead */
      advance?: string;
      /** Paid too much and not given back */
      excess?: string;
      /** For bands; day 0 */
      disbursedOn?: string;
      charge?: {
        /** Of the principal outstanding */
        percent?: string;
        /** Instead of percent: by days since the disbursal */
        bands?: Array<{
          daysFrom: number;
          /** Percent */
          percent: string;
        }>;
        /** Amount of money */
        minimum?: string;
        /** Amount of money */
        maximum?: string;
        /** Percent of the charge */
        taxRate?: string;
        /** Rule packs that the lender is held to */
        packs?: Array<'rbi-prepayment-2025'>;
        /** What the packs go by; without them the contract alone counts */
        facts?: {
          rateType: 'fixed' | 'floating';
          purpose: 'personal' | 'business';
          borrowerClass: 'individual' | 'micro' | 'small' | 'other';
          lenderClass:
            | 'commercial-bank'
            | 'small-finance-bank'
            | 'regional-rural-bank'
            | 'local-area-bank'
            | 'urban-cooperative-tier-4'
            | 'urban-cooperative-tier-3'
            | 'urban-cooperative-tier-2'
            | 'urban-cooperative-tier-1'
            | 'state-cooperative'
            | 'central-cooperative'
            | 'nbfc-upper-layer'
            | 'nbfc-middle-layer'
            | 'nbfc-base-layer'
            | 'all-india-institution'
            | 'other';
          /** Amount of money */
          sanctionedAmount: string;
          /** Date, YYYY-MM-DD */
          sanctionedOn: string;
          /** The key facts statement names the charge */
          disclosed?: boolean;
        };
      };
    };
    answer: {
      principal: string;
      accruedInterest: string;
      interestDue: string;
      penal: string;
      fees: string;
      charge: string;
      tax: string;
      /** Advance and excess, taken off */
      advance: string;
      total: string;
      /** What is left of advance and excess */
      refund: string;
      /** Days since lastDueOn */
      days: number;
      /** What each further day adds */
      perDiem: string;
      /** `contract`, or the rule pack that forbids a charge, and why */
      chargeRule: string;
      /** With `explain`: how each number came about */
      trace?: Record<
        string,
        {
          /** Rule and version */
          rule: string;
          inputs: Record<string, string | number>;
          unrounded: string;
          rounding: string;
        }
      >;
    };
  };
  /** How a payment is spread over what instalments ask for */
  allocation: {
    request: {
      /** What is paid */
      amount: string;
      /** What each instalment asks for, the oldest first */
      instalments: Array<{
        n: number;
        /** Amount of money */
        penal?: string;
        /** Amount of money */
        fees?: string;
        /** Amount of money */
        interest?: string;
        /** Amount of money */
        principal?: string;
      }>;
      order?: Array<'penal' | 'fees' | 'interest' | 'principal'>;
      /** vertical: one instalment in full before the next; horizontal: one component of all first */
      direction?: 'vertical' | 'horizontal';
    };
    answer: {
      taken: string;
      penal: string;
      fees: string;
      interest: string;
      principal: string;
      /** Only the instalments that got something */
      parts: Array<{
        n: number;
        penal: string;
        fees: string;
        interest: string;
        principal: string;
        total: string;
      }>;
      unallocated: string;
      /** With `explain`: how each number came about */
      trace?: Record<
        string,
        {
          /** Rule and version */
          rule: string;
          inputs: Record<string, string | number>;
          unrounded: string;
          rounding: string;
        }
      >;
    };
  };
};
