-- Up Migration

-- One check of a borrower's bank account by a payment of the least amount into it. The gateway takes no key for
-- it: once asked, a machine never asks again, and a further attempt is a person's. Its id is our reference there.
CREATE TABLE bank_account_check (
  tenant_id        text NOT NULL,
  id               uuid NOT NULL,
  bank_account_id  uuid NOT NULL,
  attempt          smallint NOT NULL CHECK (attempt BETWEEN 1 AND 20),
  gateway          text NOT NULL,
  state            text NOT NULL CHECK (state IN ('asked', 'pending', 'unknown', 'completed', 'failed', 'rejected')),
  provider_id      text,
  account          text CHECK (account IN ('active', 'invalid')),
  -- The holder's name as the bank has it; how well it fits ours, by our rule and by the gateway's own, 0 to 100.
  registered_name  text CHECK (length(registered_name) BETWEEN 1 AND 200),
  name_fit         text CHECK (name_fit IN ('same', 'similar', 'different')),
  name_score       numeric CHECK (name_score BETWEEN 0 AND 100),
  utr              text,
  reason           text,
  currency         text NOT NULL,
  -- What the gateway said that it paid, and what is booked: null until it is. `tax` is a part of `fees`.
  told_amount      numeric CHECK (told_amount >= 0),
  amount           numeric CHECK (amount >= 0),
  fees             numeric CHECK (fees >= 0),
  tax              numeric CHECK (tax >= 0 AND tax <= fees),
  asked_by         text NOT NULL,
  asked_at         timestamptz NOT NULL,
  -- From here on the gateway may have heard of it; null again where it has provably made nothing.
  submitted_at     timestamptz,
  checked_at       timestamptz,
  -- How often the gateway was asked what became of it, in this state.
  looks            smallint NOT NULL DEFAULT 0,
  -- Matched by the reconciliation.
  closed_at        timestamptz,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT bank_account_check_attempt UNIQUE (tenant_id, bank_account_id, attempt),
  CONSTRAINT bank_account_check_account FOREIGN KEY (tenant_id, bank_account_id)
    REFERENCES bank_account (tenant_id, id),
  CHECK ((checked_at IS NOT NULL) = (state IN ('completed', 'failed', 'rejected'))),
  CHECK ((account IS NOT NULL) = (state = 'completed')),
  CHECK ((registered_name IS NULL) = (name_fit IS NULL)),
  CHECK ((fees IS NULL) = (tax IS NULL) AND (fees IS NULL OR amount IS NOT NULL))
);
CALL keep_tenants_apart('bank_account_check');
CREATE UNIQUE INDEX bank_account_check_provider ON bank_account_check (tenant_id, gateway, provider_id)
  WHERE provider_id IS NOT NULL;
CREATE INDEX bank_account_check_utr ON bank_account_check (tenant_id, utr) WHERE utr IS NOT NULL;
CREATE INDEX bank_account_check_open ON bank_account_check (tenant_id, id)
  WHERE amount IS NOT NULL AND closed_at IS NULL;
CREATE INDEX bank_account_check_cost ON bank_account_check (tenant_id, id)
  WHERE provider_id IS NOT NULL AND fees IS NULL;
GRANT SELECT, INSERT ON bank_account_check TO kist_app;
GRANT UPDATE (state, provider_id, account, registered_name, name_fit, name_score, utr, reason, told_amount, amount,
              fees, tax, submitted_at, checked_at, looks, closed_at) ON bank_account_check TO kist_app;

ALTER TABLE payment_move DROP CONSTRAINT payment_move_kind_check, ADD CONSTRAINT payment_move_kind_check CHECK
  (kind IN ('payout', 'collection', 'refund', 'dispute', 'mandate-debit', 'account-check'));
ALTER TABLE reconciliation_break DROP CONSTRAINT reconciliation_break_subject_kind_check,
  ADD CONSTRAINT reconciliation_break_subject_kind_check CHECK (subject_kind IN
    ('payout', 'collection', 'refund', 'settlement', 'adjustment', 'bank-line', 'account-check'));

-- Down Migration
