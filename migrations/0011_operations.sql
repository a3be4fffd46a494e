-- Up Migration

ALTER TABLE instalment
  -- The tax in `fees`.
  ADD COLUMN fees_tax  numeric NOT NULL DEFAULT 0 CHECK (fees_tax >= 0 AND fees_tax <= fees);

ALTER TABLE application
  -- The parts in which the loan shall be paid out; null: at once.
  ADD COLUMN tranches  jsonb;

ALTER TABLE schedule_version
  -- The yearly rate from then on, a fraction.
  ADD COLUMN annual_rate  numeric NOT NULL CHECK (annual_rate >= 0),
  -- The last event of the loan that the standing knows of.
  ADD COLUMN event_seq    integer NOT NULL;

ALTER TABLE loan
  -- Paid out so far: all of the principal, or the tranches until now.
  ADD COLUMN disbursed              numeric NOT NULL DEFAULT 0 CHECK (disbursed BETWEEN 0 AND principal),
  -- What was given up, the principal in it, and what came back of it later.
  ADD COLUMN written_off            numeric NOT NULL DEFAULT 0,
  ADD COLUMN written_off_principal  numeric NOT NULL DEFAULT 0 CHECK (written_off_principal BETWEEN 0 AND written_off),
  ADD COLUMN recovered              numeric NOT NULL DEFAULT 0 CHECK (recovered BETWEEN 0 AND written_off),
  -- A non-performing loan that was restructured stays one through this day, whatever is paid.
  ADD COLUMN class_held_through     date;
UPDATE loan SET disbursed = principal WHERE disbursed_on IS NOT NULL;

-- The parts in which a loan is paid out, where it is more than one.
CREATE TABLE loan_tranche (
  tenant_id   text NOT NULL,
  loan_id     uuid NOT NULL,
  number      smallint NOT NULL CHECK (number > 0),
  -- When it shall be paid out; null: when it is asked for.
  planned_on  date,
  amount      numeric NOT NULL CHECK (amount > 0),
  agreed_by   text NOT NULL,
  agreed_at   timestamptz NOT NULL,
  paid_on     date,
  journal_id  uuid,
  PRIMARY KEY (tenant_id, loan_id, number),
  CONSTRAINT loan_tranche_paid CHECK ((paid_on IS NULL) = (journal_id IS NULL))
);
CALL keep_tenants_apart('loan_tranche');
GRANT SELECT, INSERT, UPDATE (paid_on, journal_id) ON loan_tranche TO kist_app;

-- What ending a loan asks for, as it was quoted: it stands for some days, so long as nothing else happens
-- to the loan.
CREATE TABLE foreclosure_quote (
  tenant_id    text NOT NULL,
  id           uuid NOT NULL,
  loan_id      uuid NOT NULL,
  state        text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'accepted', 'expired')),
  quoted_on    date NOT NULL,
  quoted_at    timestamptz NOT NULL,
  quoted_by    text NOT NULL,
  valid_until  date NOT NULL CHECK (valid_until >= quoted_on),
  currency     text NOT NULL,
  breakdown    jsonb NOT NULL,
  total        numeric NOT NULL CHECK (total >= 0),
  per_diem     numeric NOT NULL CHECK (per_diem >= 0),
  -- Schedule and last event of the loan when it was quoted.
  fingerprint  text NOT NULL,
  -- What accepting it came to.
  answer       jsonb,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT foreclosure_quote_answered CHECK ((state = 'accepted') = (answer IS NOT NULL))
);
CALL keep_tenants_apart('foreclosure_quote');
CREATE INDEX foreclosure_quote_of_loan ON foreclosure_quote (tenant_id, loan_id, id);
CREATE INDEX foreclosure_quote_lapsing ON foreclosure_quote (tenant_id, valid_until) WHERE state = 'open';
GRANT SELECT, INSERT, UPDATE (state, answer) ON foreclosure_quote TO kist_app;

-- Down Migration
