// Generated from jobs/ by `npm run generate`; do not edit.

/** What each kind of job takes, and what it answers when it is done. */
export type JobKinds = {
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
            | 'unknown-wallet'
            | 'same-wallet'
            | 'currency-mismatch'
            | 'duplicate-reference';
          message: string;
        };
  };
  /** Moves money from one wallet to another, if the first one holds it. */
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
            | 'unknown-wallet'
            | 'same-wallet'
            | 'currency-mismatch'
            | 'duplicate-reference';
          message: string;
        };
  };
  /** Takes money out of a wallet to its owner’s bank account, if the wallet holds it. */
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
            | 'unknown-wallet'
            | 'same-wallet'
            | 'currency-mismatch'
            | 'duplicate-reference';
          message: string;
        };
  };
};
