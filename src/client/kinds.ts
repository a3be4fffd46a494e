// Generated from jobs/ by `npm run generate`; do not edit.

/** What each kind of job takes, and what it answers when it is done. */
export type JobKinds = {
  /** Asks the credit bureau about an applicant and decides the application by its product’s rules. */
  'credit.check': {
    payload: {
      application: string;
    };
    result:
      | {
          outcome: 'offered';
          application: string;
          inputs: {
            score: number | null;
            foir: string | null;
            instalment: string;
            annual_rate: string;
            age: number;
            duplicate_of: string | null;
            exposure: {
              outstanding: string;
              approved: string;
              applied_for: string;
              total: string;
            };
            fraud_flags: Array<'bureau' | 'open-alert' | 'frozen-wallet'>;
          };
        }
      | {
          outcome: 'referred';
          application: string;
          inputs: {
            score: number | null;
            foir: string | null;
            instalment: string;
            annual_rate: string;
            age: number;
            duplicate_of: string | null;
            exposure: {
              outstanding: string;
              approved: string;
              applied_for: string;
              total: string;
            };
            fraud_flags: Array<'bureau' | 'open-alert' | 'frozen-wallet'>;
          };
          code:
            | 'amount-out-of-range'
            | 'tenure-out-of-range'
            | 'age-out-of-range'
            | 'duplicate-application'
            | 'no-income'
            | 'foir-too-high'
            | 'exposure-too-high'
            | 'score-too-low'
            | 'fraud-flag'
            | 'score-in-doubt'
            | 'no-credit-history';
          message: string;
          reasons: Array<
            | 'amount-out-of-range'
            | 'tenure-out-of-range'
            | 'age-out-of-range'
            | 'duplicate-application'
            | 'no-income'
            | 'foir-too-high'
            | 'exposure-too-high'
            | 'score-too-low'
            | 'fraud-flag'
            | 'score-in-doubt'
            | 'no-credit-history'
          >;
        }
      | {
          outcome: 'refused';
          application: string;
          inputs: {
            score: number | null;
            foir: string | null;
            instalment: string;
            annual_rate: string;
            age: number;
            duplicate_of: string | null;
            exposure: {
              outstanding: string;
              approved: string;
              applied_for: string;
              total: string;
            };
            fraud_flags: Array<'bureau' | 'open-alert' | 'frozen-wallet'>;
          };
          code:
            | 'amount-out-of-range'
            | 'tenure-out-of-range'
            | 'age-out-of-range'
            | 'duplicate-application'
            | 'no-income'
            | 'foir-too-high'
            | 'exposure-too-high'
            | 'score-too-low'
            | 'fraud-flag'
            | 'score-in-doubt'
            | 'no-credit-history';
          message: string;
          reasons: Array<
            | 'amount-out-of-range'
            | 'tenure-out-of-range'
            | 'age-out-of-range'
            | 'duplicate-application'
            | 'no-income'
            | 'foir-too-high'
            | 'exposure-too-high'
            | 'score-too-low'
            | 'fraud-flag'
            | 'score-in-doubt'
            | 'no-credit-history'
          >;
        };
  };
  /** Charges a fee on a loan: it is due with the instalment that falls due next. */
  'loan.charge-fee': {
    payload: {
      loan: string;
      /** What the fee is for */
      name: string;
      /** Amount of money, above zero, at most 2 decimals */
      amount: string;
      /** On top of the amount */
      tax?: string;
      /** Currency, ISO 4217 */
      currency: string;
      /** The caller’s own name for it: charged once */
      reference: string;
    };
    result:
      | {
          outcome: 'charged';
          loan: string;
          journal: string;
          instalment: number;
          due_on: string;
          amount: string;
          tax: string;
        }
      | {
          outcome: 'refused';
          code:
            | 'unknown-loan'
            | 'loan-not-active'
            | 'currency-mismatch'
            | 'not-yet'
            | 'too-far-back'
            | 'insufficient-funds'
            | 'account-frozen'
            | 'duplicate-reference';
          message: string;
        };
  };
  /** Pays an approved loan, or a tranche of it, into the borrower’s wallet and writes its schedule of instalments. */
  'loan.disburse': {
    payload: {
      loan: string;
      /** a further part of a loan that was agreed in tranches; the first comes without it */
      tranche?: number;
    };
    result:
      | {
          outcome: 'disbursed';
          loan: string;
          wallet: string;
          principal: string;
          instalment: string;
          journal: string;
          disbursed_on: string;
          first_due_on: string;
          /** on its way to the borrower’s bank account; left out where it stays in the wallet */
          payout?: string;
        }
      | {
          outcome: 'tranche-disbursed';
          loan: string;
          tranche: number;
          journal: string;
          amount: string;
          disbursed_on: string;
          instalment: string;
          instalments_left: number;
          principal_outstanding: string;
        }
      | {
          outcome: 'duplicate';
          loan: string;
          message: string;
        }
      | {
          outcome: 'refused';
          code:
            | 'loan-cancelled'
            | 'unknown-loan'
            | 'loan-not-active'
            | 'currency-mismatch'
            | 'not-yet'
            | 'too-far-back'
            | 'insufficient-funds'
            | 'account-frozen'
            | 'duplicate-reference'
            | 'unknown-tranche'
            | 'tranche-too-early'
            | 'earlier-tranche-open'
            | 'schedule-over'
            | 'in-moratorium'
            | 'in-arrears';
          message: string;
        };
  };
  /** Ends a loan by a quote that still stands: all that it asks for on the day is paid. */
  'loan.foreclose': {
    payload: {
      loan: string;
      quote: string;
      /** collection: money that reached the bank; wallet: money the borrower holds in the wallet */
      source?: 'collection' | 'wallet';
      /** The caller’s own name for this payment; the same one is never taken twice, as a repayment neither */
      reference: string;
    };
    result:
      | {
          outcome: 'foreclosed';
          loan: string;
          quote: string;
          journal: string;
          foreclosed_on: string;
          principal: string;
          interest: string;
          penal: string;
          fees: string;
          charge: string;
          tax: string;
          advance: string;
          refund: string;
          total: string;
        }
      | {
          outcome: 'refused';
          code:
            | 'unknown-loan'
            | 'loan-not-active'
            | 'currency-mismatch'
            | 'not-yet'
            | 'too-far-back'
            | 'insufficient-funds'
            | 'account-frozen'
            | 'duplicate-reference'
            | 'unknown-quote'
            | 'quote-expired'
            | 'quote-stale';
          message: string;
        };
  };
  /** Takes a prepayment: dues, interest to the day, the charge if one may be made, then principal; the rest of the schedule is made anew the same day. */
  'loan.prepay': {
    payload: {
      loan: string;
      /** Amount of money, above zero, at most 2 decimals */
      amount: string;
      /** Currency, ISO 4217 */
      currency: string;
      /** reduce-instalment: all due dates stay; reduce-term: the instalment stays */
      effect: 'reduce-instalment' | 'reduce-term';
      /** The caller’s own name for this payment; the same one is never taken twice, as a repayment neither */
      reference: string;
      /** collection: money that reached the bank; wallet: money the borrower holds in the wallet */
      source?: 'collection' | 'wallet';
      /** where that is not today; not before a day that the loan was carried through */
      paid_on?: string;
    };
    result:
      | {
          outcome: 'prepaid';
          journal: string;
          paid_on: string;
          effect: 'reduce-instalment' | 'reduce-term';
          dues: string;
          interest: string;
          charge: string;
          tax: string;
          charge_rule: string;
          principal: string;
          left_in_wallet: string;
          instalment: string;
          instalments_left: number;
          last_due_on: string;
          principal_outstanding: string;
        }
      | {
          outcome: 'held-as-advance';
          journal: string;
          paid_on: string;
          dues: string;
          advance: string;
          left_in_wallet: string;
        }
      | {
          outcome: 'refused';
          code:
            | 'unknown-loan'
            | 'loan-not-active'
            | 'currency-mismatch'
            | 'not-yet'
            | 'too-far-back'
            | 'insufficient-funds'
            | 'account-frozen'
            | 'duplicate-reference'
            | 'pays-all'
            | 'not-supported'
            | 'in-moratorium';
          message: string;
        };
  };
  /** Takes money that came back of a loan after it was written off; never more than was. */
  'loan.recover': {
    payload: {
      loan: string;
      /** Amount of money, above zero, at most 2 decimals */
      amount: string;
      /** Currency, ISO 4217 */
      currency: string;
      /** The caller’s own name for it: taken once */
      reference: string;
      /** collection: money that reached the bank; wallet: money the borrower holds in the wallet */
      source?: 'collection' | 'wallet';
    };
    result:
      | {
          outcome: 'recovered';
          loan: string;
          journal: string;
          recovered: string;
          /** of what was written off */
          left: string;
        }
      | {
          outcome: 'refused';
          code:
            | 'unknown-loan'
            | 'loan-not-active'
            | 'currency-mismatch'
            | 'not-yet'
            | 'too-far-back'
            | 'insufficient-funds'
            | 'account-frozen'
            | 'duplicate-reference'
            | 'more-than-written-off';
          message: string;
        };
  };
  /** Takes a repayment: what is due, by the product’s waterfall, the oldest instalment first. */
  'loan.repay': {
    payload: {
      loan: string;
      /** Amount of money, above zero, at most 2 decimals */
      amount: string;
      /** Currency, ISO 4217 */
      currency: string;
      /** The caller’s own name for this payment; the same one is never taken twice */
      reference: string;
      /** collection: money that reached the bank; wallet: money the borrower holds in the wallet */
      source?: 'collection' | 'wallet';
      /** the day on which it was paid, where that is not today: it counts from then */
      paid_on?: string;
    };
    result:
      | {
          outcome: 'repaid';
          journal: string;
          business_date: string;
          paid_on: string;
          taken: string;
          penal: string;
          fees: string;
          interest: string;
          principal: string;
          advance: string;
          left_in_wallet: string;
          loan_state: 'active' | 'closed';
        }
      | {
          outcome: 'refused';
          code:
            | 'unknown-loan'
            | 'loan-not-active'
            | 'insufficient-funds'
            | 'account-frozen'
            | 'currency-mismatch'
            | 'duplicate-reference'
            | 'too-far-back'
            | 'nothing-due'
            | 'not-yet';
          message: string;
        };
  };
  /** Undoes a repayment that bounced: the loan ends as if it had never come. */
  'loan.reverse-repayment': {
    payload: {
      loan: string;
      /** The repayment’s own name */
      reference: string;
      reason: string;
    };
    result:
      | {
          outcome: 'reversed';
          loan: string;
          journal: string;
          business_date: string;
          loan_state: string;
        }
      | {
          outcome: 'refused';
          code:
            | 'unknown-loan'
            | 'unknown-repayment'
            | 'already-reversed'
            | 'illegal-transition'
            | 'too-far-back'
            | 'insufficient-funds'
            | 'account-frozen';
          message: string;
        };
  };
  /** Has the gateway check by a small payment whether a borrower’s bank account is there, and whose it is. */
  'payments.check-bank-account': {
    payload: {
      bank_account: string;
      /** each costs money; from the second on for people, not services */
      attempt?: number;
      gateway?: string;
    };
    result:
      | {
          outcome: 'checked';
          check: string;
          account: 'active' | 'invalid';
          name_fit: 'same' | 'similar' | 'different' | null;
          /** the gateway’s own, 0 to 100 */
          name_score: number | null;
        }
      | {
          outcome: 'not-checked';
          check: string;
          reason: string;
        }
      | {
          outcome: 'refused';
          code:
            | 'unknown-bank-account'
            | 'unusable-bank-account'
            | 'unknown-gateway'
            | 'check-unresolved'
            | 'for-people'
            | 'attempt-out-of-order'
            | 'gateway-refused';
          message: string;
        };
  };
  /** Asks the gateway for an order that a borrower can pay towards a loan, in parts as well. */
  'payments.create-order': {
    payload: {
      loan: string;
      /** what is due today where it is left out */
      amount?: string;
      /** The caller’s own name for this order; there is one of that name */
      reference: string;
      gateway?: string;
    };
    result:
      | {
          outcome: 'created';
          order: string;
          /** what the gateway’s checkout is given */
          provider_order: string;
          amount: string;
          currency: string;
        }
      | {
          outcome: 'refused';
          code:
            | 'unknown-loan'
            | 'loan-not-active'
            | 'nothing-due'
            | 'duplicate-reference'
            | 'gateway-refused';
          message: string;
        };
  };
  /** Presents a mandate for an instalment; never again before it is known what became of the last attempt. */
  'payments.debit-mandate': {
    payload: {
      mandate: string;
      instalment: number;
      /** what the instalment still asks for where it is left out */
      amount?: string;
      /** The caller’s own name for this attempt */
      reference: string;
    };
    result:
      | {
          outcome: 'presented';
          debit: string;
          attempt: number;
          state: 'created' | 'presenting' | 'unknown' | 'pending' | 'bounced' | 'captured' | 'returned';
          reason: string | null;
        }
      | {
          outcome: 'refused';
          code:
            | 'unknown-mandate'
            | 'mandate-revoked'
            | 'loan-not-active'
            | 'unknown-instalment'
            | 'nothing-due'
            | 'above-mandate'
            | 'attempt-unresolved';
          message: string;
        };
  };
  /** Takes held money: to another wallet, or out to a bank account. What is left goes back. */
  'wallet.capture': {
    payload: {
      /** Id of a hold */
      hold: string;
      /** At most what is held; left out: all of it */
      amount?: string;
      /** The wallet it goes to; left out: the bank */
      to?: string;
    };
    result:
      | {
          outcome: 'captured';
          hold: string;
          wallet: string;
          amount: string;
          journal: string;
          business_date: string;
          captured: string;
        }
      | {
          outcome: 'refused';
          code:
            | 'unknown-hold'
            | 'hold-over'
            | 'hold-expired'
            | 'amount-above-hold'
            | 'unknown-wallet'
            | 'same-wallet'
            | 'currency-mismatch'
            | 'account-frozen';
          message: string;
        };
  };
  /** Credits a wallet with money that reached the bank. */
  'wallet.deposit': {
    payload: {
      /** Id of a wallet */
      wallet: string;
      /** Amount of money, above zero, at most 2 decimals */
      amount: string;
      /** Currency, ISO 4217 */
      currency: string;
      /** The caller’s own name for this movement; the same one never moves money twice */
      reference: string;
    };
    result:
      | {
          outcome: 'deposited';
          journal: string;
          business_date: string;
        }
      | {
          outcome: 'refused';
          code:
            | 'insufficient-funds'
            | 'account-frozen'
            | 'unknown-wallet'
            | 'same-wallet'
            | 'currency-mismatch'
            | 'duplicate-reference';
          message: string;
        };
  };
  /** Sets money of a wallet aside: nobody can spend it until it is released or captured. */
  'wallet.hold': {
    payload: {
      /** Id of a wallet */
      wallet: string;
      /** Amount of money, above zero, at most 2 decimals */
      amount: string;
      /** Currency, ISO 4217 */
      currency: string;
      /** The caller’s own name for this movement; the same one never moves money twice */
      reference: string;
      /** From then on it cannot be captured; the close of day gives it back */
      expires_at?: string;
    };
    result:
      | {
          outcome: 'held';
          hold: string;
          business_date: string;
        }
      | {
          outcome: 'refused';
          code:
            | 'insufficient-funds'
            | 'account-frozen'
            | 'unknown-wallet'
            | 'same-wallet'
            | 'currency-mismatch'
            | 'duplicate-reference'
            | 'expiry-passed';
          message: string;
        };
  };
  /** Pays money of a wallet out to its owner’s bank account, through a payment gateway. */
  'wallet.payout': {
    payload: {
      /** Id of a wallet */
      wallet: string;
      /** Amount of money, above zero, at most 2 decimals */
      amount: string;
      /** Currency, ISO 4217 */
      currency: string;
      /** The caller’s own name for this movement; the same one never moves money twice */
      reference: string;
      /** the owner’s newest usable one if left out */
      bank_account?: string;
      mode?: 'IMPS' | 'NEFT' | 'RTGS' | 'UPI';
      gateway?: string;
    };
    result:
      | {
          outcome: 'begun';
          payout: string;
          journal: string;
          business_date: string;
        }
      | {
          outcome: 'refused';
          code:
            | 'insufficient-funds'
            | 'account-frozen'
            | 'duplicate-reference'
            | 'unknown-wallet'
            | 'currency-mismatch'
            | 'no-bank-account'
            | 'unusable-bank-account'
            | 'unknown-gateway'
            | 'approval-required';
          message: string;
          /** of `approval-required`: what it became, for another person to agree to */
          approval?: string;
        };
  };
  /** Gives held money back to its wallet. */
  'wallet.release': {
    payload: {
      /** Id of a hold */
      hold: string;
    };
    result:
      | {
          outcome: 'released';
          hold: string;
          wallet: string;
          amount: string;
          journal: string;
          business_date: string;
        }
      | {
          outcome: 'refused';
          code:
            | 'unknown-hold'
            | 'hold-over'
            | 'hold-expired'
            | 'amount-above-hold'
            | 'unknown-wallet'
            | 'same-wallet'
            | 'currency-mismatch'
            | 'account-frozen';
          message: string;
        };
  };
  /** Moves money from one wallet to another, if the first one has it to spend. */
  'wallet.transfer': {
    payload: {
      /** Id of a wallet */
      from: string;
      /** Id of a wallet */
      to: string;
      /** Amount of money, above zero, at most 2 decimals */
      amount: string;
      /** Currency, ISO 4217 */
      currency: string;
      /** The caller’s own name for this movement; the same one never moves money twice */
      reference: string;
    };
    result:
      | {
          outcome: 'transferred';
          journal: string;
          business_date: string;
        }
      | {
          outcome: 'refused';
          code:
            | 'insufficient-funds'
            | 'account-frozen'
            | 'unknown-wallet'
            | 'same-wallet'
            | 'currency-mismatch'
            | 'duplicate-reference';
          message: string;
        };
  };
  /** Takes money out of a wallet to its owner’s bank account, if the wallet has it to spend. */
  'wallet.withdraw': {
    payload: {
      /** Id of a wallet */
      wallet: string;
      /** Amount of money, above zero, at most 2 decimals */
      amount: string;
      /** Currency, ISO 4217 */
      currency: string;
      /** The caller’s own name for this movement; the same one never moves money twice */
      reference: string;
    };
    result:
      | {
          outcome: 'withdrawn';
          journal: string;
          business_date: string;
        }
      | {
          outcome: 'refused';
          code:
            | 'insufficient-funds'
            | 'account-frozen'
            | 'unknown-wallet'
            | 'same-wallet'
            | 'currency-mismatch'
            | 'duplicate-reference';
          message: string;
        };
  };
};
