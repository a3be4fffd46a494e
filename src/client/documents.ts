// Generated from src/documents by `npm run generate`; do not edit.

/** The statement of a loan. Amounts are decimals as text. */
export type LoanStatement = {
  made_at: string;
  lender: string;
  borrower: {
    /** null where only a reference is known */
    name: string | null;
    reference: string;
  };
  loan: {
    id: string;
    product: string;
    product_name: string;
    product_version: number;
    currency: string;
    principal: string;
    /** a fraction: 0.18 is 18 % a year */
    annual_rate: string;
    tenure_months: number;
    state: 'disbursing' | 'active' | 'closed' | 'foreclosed' | 'written-off' | 'cancelled';
    disbursed_on: string | null;
    closed_on: string | null;
    next_due_on: string | null;
    instalments_paid: number;
  };
  /** both days included, by the day of the books */
  period: {
    from: string;
    to: string;
  };
  opening: {
    principal: string;
    interest: string;
    penal: string;
    fees: string;
    advance: string;
    total: string;
  };
  entries: Array<{
    /** the day of the books */
    date: string;
    /** the day from which it counts */
    value_date: string;
    posted_at: string;
    journal: string;
    /** place of the journal in the chain of its stream */
    seq: string;
    kind: string;
    /** what it is, in words */
    particulars: string;
    /** added to what is owed */
    debit: string;
    /** taken off what is owed */
    credit: string;
    /** what is owed after it; below zero: paid ahead */
    balance: string;
    /** how it changed what is owed of each kind; these add up to debit − credit */
    components: {
      principal: string;
      interest: string;
      penal: string;
      fees: string;
      advance: string;
    };
  }>;
  closing: {
    principal: string;
    interest: string;
    penal: string;
    fees: string;
    advance: string;
    total: string;
  };
  positions: Array<{
    component: 'principal' | 'interest' | 'penal' | 'fees' | 'advance' | 'total';
    opening: string;
    debits: string;
    credits: string;
    /** between components, such as money paid ahead that a due date took */
    moved: string;
    /** opening + debits − credits + moved */
    closing: string;
  }>;
  /** what is due on the day it was made, penal charges of that day included */
  dues: {
    as_of: string;
    penal: string;
    fees: string;
    interest: string;
    principal: string;
    total: string;
    advance: string;
    days_past_due: number;
    oldest_due_on: string | null;
    asset_class: 'standard' | 'sma-0' | 'sma-1' | 'sma-2' | 'npa';
  };
  /** what the books themselves must still say when they are checked */
  proof: {
    /** the last journal of the loan’s chain, and its SHA-256 */
    head: {
      seq: string;
      hash: string;
    };
    /** the last place of the chain that a seal covers; 0: none */
    sealed_through: string;
    /** the lender’s last seal; null where none was cut yet */
    seal: {
      number: string;
      hash: string;
      business_date: string;
      key_id: string;
    } | null;
  };
};

/** The key facts statement of a loan, or of an application that has an offer. */
export type KeyFacts = {
  made_at: string;
  /** the circular whose annexes A to C this follows */
  source: string;
  lender: string;
  borrower: {
    /** null where only a reference is known */
    name: string | null;
    reference: string;
  };
  of: 'application' | 'loan';
  id: string;
  /** of the proposal, or of the account */
  number: string;
  loan_type: string;
  product: string;
  product_version: number;
  currency: string;
  /** of an application: until when the terms stand */
  valid_until: string | null;
  sanctioned_amount: string;
  disbursal: {
    on: string;
    in_stages: boolean;
    /** in parts: rate and schedule are then as though all of it were paid out with the first */
    stages: Array<{
      /** null: when it is asked for */
      on: string | null;
      amount: string;
    }>;
    /** null: not applicable */
    clause: string | null;
    amount: string;
  };
  term_months: number;
  instalments: {
    type: 'monthly';
    amortisation: 'equal-instalment' | 'equal-principal' | 'flat' | 'interest-only';
    number: number;
    /** of an ordinary one */
    amount: string;
    first_due_on: string;
  };
  interest: {
    /** percent, exact */
    percent: string;
    type: 'fixed' | 'floating';
    day_count: string;
  };
  fees: Array<{
    name: string;
    payable_to: 'lender' | 'third-party';
    when: 'disbursal' | 'every-instalment';
    /** of the sanctioned amount, where it is a part of it */
    percent: string | null;
    /** without tax */
    amount: string;
    tax: string;
    /** each time */
    total: string;
  }>;
  /** nominal a year, 2 decimals; null where no rate satisfies the equation */
  apr_percent: string | null;
  contingent_charges: {
    penal: {
      rule: string;
      base: 'overdue-instalment' | 'overdue-principal' | 'flat';
      flat_base: string | null;
      bands: Array<{
        score_from: number;
        /** percent, exact */
        daily_percent: string;
        applies: boolean;
      }>;
      grace_days: number;
      grace_charged_back: boolean;
      minimum: string | null;
      cap_instalment: string | null;
      cap_loan: string | null;
      /** percent, exact */
      tax_percent: string;
    };
    /** percent of the principal paid early, by days since the disbursal; no bands: no charge */
    foreclosure: {
      bands: Array<{
        days_from: number;
        /** percent, exact */
        percent: string;
      }>;
      minimum: string | null;
      maximum: string | null;
      /** percent, exact */
      tax_percent: string;
      /** the rule that forbids any charge, and why */
      forbidden_by: string | null;
    };
    /** percent of the principal paid early, by days since the disbursal; no bands: no charge */
    prepayment: {
      bands: Array<{
        days_from: number;
        /** percent, exact */
        percent: string;
      }>;
      minimum: string | null;
      maximum: string | null;
      /** percent, exact */
      tax_percent: string;
      /** the rule that forbids any charge, and why */
      forbidden_by: string | null;
    };
    /** null: not applicable */
    switching: string | null;
    /** null: not applicable */
    other: string | null;
  };
  qualitative: {
    /** null: not applicable */
    recovery_agents: string | null;
    /** null: not applicable */
    grievances: string | null;
    /** null: not applicable */
    grievance_officer: string | null;
    /** null: not applicable */
    transfer: string | null;
    /** null: not applicable */
    co_lending: string | null;
    /** null: not applicable */
    cooling_off: string | null;
    /** null: not applicable */
    service_provider: string | null;
  };
  computation: {
    sanctioned_amount: string;
    /** over the whole term, at today’s rate */
    interest: string;
    fees_lender: string;
    fees_third_party: string;
    fees: string;
    /** the part of the fees that every instalment asks for again */
    fees_with_instalments: string;
    net_disbursed: string;
    /** sanctioned amount + interest */
    to_be_paid: string;
    method: string;
    /** 6 decimals */
    apr_percent: string | null;
  };
  schedule: Array<{
    number: number;
    due_on: string;
    /** principal before it is paid */
    outstanding: string;
    principal: string;
    interest: string;
    total: string;
  }>;
  /** the loan has another schedule by now; these are the terms it was sanctioned on */
  rescheduled: boolean;
};
