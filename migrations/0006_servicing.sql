-- Up Migration

-- What a product leaves to choice (src/loans/product-rules.ts), as it was when the version was made.
ALTER TABLE product ADD COLUMN rules jsonb NOT NULL DEFAULT '{}';

-- A loan is carried from day to day (src/loans/life/carry.ts). Its next_work_on is the first day on which
-- something happens to it by itself: the close of a day touches no other loans, so that those without
-- arrears cost nothing between their due dates. Loans that stood before are carried from yesterday on.
ALTER TABLE loan RENAME COLUMN next_due_on TO next_work_on;
ALTER INDEX loan_falling_due RENAME TO loan_with_work;
ALTER TABLE loan
  ADD COLUMN carried_through     date DEFAULT current_date - 1,
  ADD COLUMN asset_class         text NOT NULL DEFAULT 'standard'
                                 CHECK (asset_class IN ('standard', 'sma-0', 'sma-1', 'sma-2', 'npa')),
  -- Due date of the oldest instalment in arrears: days past due are counted from it.
  ADD COLUMN oldest_due_on       date,
  -- The borrower's score at sanction, which chose the penal rate.
  ADD COLUMN score               smallint,
  ADD COLUMN penal_charged       numeric NOT NULL DEFAULT 0 CHECK (penal_charged >= 0),
  ADD COLUMN suspended_interest  numeric NOT NULL DEFAULT 0 CHECK (suspended_interest >= 0),
  ADD COLUMN suspended_penal     numeric NOT NULL DEFAULT 0 CHECK (suspended_penal >= 0),
  ADD COLUMN advance             numeric NOT NULL DEFAULT 0 CHECK (advance >= 0),
  -- No instalment before it is unpaid: what was paid long ago is not read again.
  ADD COLUMN first_unpaid        smallint NOT NULL DEFAULT 1,
  -- Opened when first needed; most loans never need them.
  ADD COLUMN accrued_account     uuid,
  ADD COLUMN penal_account       uuid,
  ADD COLUMN fees_account        uuid,
  ADD COLUMN advance_account     uuid;
ALTER TABLE loan ALTER COLUMN carried_through DROP DEFAULT;

ALTER TABLE instalment
  -- The due date before, or the disbursal: interest is for the days after it.
  ADD COLUMN from_on          date,
  ADD COLUMN fees             numeric NOT NULL DEFAULT 0 CHECK (fees >= 0),
  -- Penal charges so far with their tax, less what was waived.
  ADD COLUMN penal            numeric NOT NULL DEFAULT 0 CHECK (penal >= 0),
  ADD COLUMN penal_tax        numeric NOT NULL DEFAULT 0 CHECK (penal_tax >= 0),
  -- Σ over chargeable days of the base, in minor units: the charge is counted from it, rounded once.
  ADD COLUMN penal_base_days  numeric NOT NULL DEFAULT 0,
  -- Interest recognised day by day.
  ADD COLUMN accrued          numeric NOT NULL DEFAULT 0 CHECK (accrued >= 0 AND accrued <= interest),
  ADD COLUMN paid_fees        numeric NOT NULL DEFAULT 0 CHECK (paid_fees >= 0 AND paid_fees <= fees),
  ADD COLUMN paid_penal       numeric NOT NULL DEFAULT 0 CHECK (paid_penal >= 0 AND paid_penal <= penal);
GRANT DELETE ON instalment TO kist_app;

-- What each chargeable day added to a loan: one row a (loan, instalment, day), whoever tries again.
--   chargeable_day  the day of the calendar that it is for
--   business_date   the day of the books that holds it
--   posted_at       when it was written
CREATE TABLE accrual (
  tenant_id       text NOT NULL,
  loan_id         uuid NOT NULL,
  component       text NOT NULL CHECK (component IN ('interest', 'penal')),
  instalment      smallint NOT NULL,
  chargeable_day  date NOT NULL,
  business_date   date NOT NULL,
  posted_at       timestamptz NOT NULL,
  amount          numeric NOT NULL CHECK (amount > 0),
  tax             numeric NOT NULL CHECK (tax >= 0),
  base            numeric NOT NULL,
  rate            numeric NOT NULL,
  rule            text NOT NULL,
  journal_id      uuid NOT NULL,
  PRIMARY KEY (tenant_id, loan_id, component, instalment, chargeable_day)
);
CALL keep_tenants_apart('accrual');
CALL make_append_only('accrual');
-- Rows come in the order of their business dates, so that this costs next to nothing to keep.
CREATE INDEX accrual_of_day ON accrual USING brin (business_date);
GRANT SELECT, INSERT ON accrual TO kist_app;

-- What a day's accrual was found to be short or too high by, when something was dated back: the rows
-- above tell what was known then, both together what is known now.
CREATE TABLE accrual_correction (
  tenant_id       text NOT NULL,
  loan_id         uuid NOT NULL,
  id              uuid NOT NULL DEFAULT uuidv7(),
  component       text NOT NULL CHECK (component IN ('interest', 'penal')),
  instalment      smallint NOT NULL,
  chargeable_day  date NOT NULL,
  business_date   date NOT NULL,
  posted_at       timestamptz NOT NULL,
  amount          numeric NOT NULL,
  tax             numeric NOT NULL,
  journal_id      uuid NOT NULL,
  -- The event that was dated back.
  event_seq       integer NOT NULL,
  PRIMARY KEY (tenant_id, loan_id, id)
);
CALL keep_tenants_apart('accrual_correction');
CALL make_append_only('accrual_correction');
GRANT SELECT, INSERT ON accrual_correction TO kist_app;

-- What was done to a loan, in the order in which it was booked: from these its life can be told again,
-- which is how something is dated back (src/loans/replay.ts).
CREATE TABLE loan_event (
  tenant_id      text NOT NULL,
  loan_id        uuid NOT NULL,
  seq            integer NOT NULL,
  kind           text NOT NULL,
  -- The day it counts from, the day of the books, and when it was written.
  effective_on   date NOT NULL,
  business_date  date NOT NULL,
  posted_at      timestamptz NOT NULL,
  amount         numeric,
  detail         jsonb NOT NULL DEFAULT '{}',
  -- The event that it undoes.
  reverses       integer,
  journal_id     uuid,
  PRIMARY KEY (tenant_id, loan_id, seq)
);
CALL keep_tenants_apart('loan_event');
CALL make_append_only('loan_event');
CREATE UNIQUE INDEX loan_event_reverses ON loan_event (tenant_id, loan_id, reverses) WHERE reverses IS NOT NULL;
GRANT SELECT, INSERT ON loan_event TO kist_app;

-- How a loan stood when its schedule was made anew (prepayment, restructure, tranche): where telling its
-- life again begins. The schedule that the disbursal wrote needs none.
CREATE TABLE schedule_version (
  tenant_id     text NOT NULL,
  loan_id       uuid NOT NULL,
  version       smallint NOT NULL CHECK (version > 1),
  effective_on  date NOT NULL,
  cause         text NOT NULL,
  made_at       timestamptz NOT NULL,
  -- The instalments that were replaced, as they stood, and the standing to begin from.
  replaced      jsonb NOT NULL,
  standing      jsonb NOT NULL,
  PRIMARY KEY (tenant_id, loan_id, version)
);
CALL keep_tenants_apart('schedule_version');
CALL make_append_only('schedule_version');
GRANT SELECT, INSERT ON schedule_version TO kist_app;

-- The close of a tenant's business day:
--   carrying  its loans are being carried to it, in chunks
--   checking  what else belongs to the day is being done, and the books are checked
--   shut      the books take no more journals of the day, or of one before
--   closed    the report is written and signed
CREATE TABLE business_day (
  tenant_id      text NOT NULL,
  business_date  date NOT NULL,
  state          text NOT NULL CHECK (state IN ('carrying', 'checking', 'shut', 'closed')),
  begun_at       timestamptz NOT NULL,
  closed_at      timestamptz,
  chunks         integer NOT NULL,
  chunks_done    integer NOT NULL DEFAULT 0 CHECK (chunks_done <= chunks),
  -- Kept to the letter (json, not jsonb): the signature is over its text.
  report         json,
  key_id         text,
  signature      bytea,
  -- What was checked before the books were shut: [{name, holds, detail}].
  checked        jsonb,
  -- What the classes of accounts held together at its end (src/ledger/control-totals.ts).
  control_totals jsonb,
  PRIMARY KEY (tenant_id, business_date),
  CHECK ((state = 'closed') = (signature IS NOT NULL))
);
CALL keep_tenants_apart('business_day');
-- How far the days are closed is for the metrics to tell, of every tenant.
CREATE POLICY every_tenant ON business_day FOR SELECT TO kist_carrier USING (true);
GRANT SELECT (tenant_id, business_date, state, begun_at, closed_at, chunks, chunks_done, checked)
  ON business_day TO kist_carrier;
GRANT SELECT, INSERT, UPDATE ON business_day TO kist_app;
GRANT SELECT ON business_day TO kist_books;

CREATE INDEX journal_of_day ON journal (tenant_id, business_date);

-- A day that is shut takes no more journals, whoever posts them. Posters hold the tenant's day together;
-- who shuts a day holds it alone, and so waits for all who began before. Each statement of this function
-- sees what was committed before it, so that nobody who waited slips into a day that was shut meanwhile.
CREATE FUNCTION refuse_shut_day() RETURNS trigger
  LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  posted record;
  shut_through date;
BEGIN
  FOR posted IN SELECT tenant_id, min(business_date) AS earliest FROM inserted GROUP BY tenant_id LOOP
    PERFORM pg_advisory_xact_lock_shared(hashtextextended('business day of ' || posted.tenant_id, 0));
    SELECT d.business_date INTO shut_through
    FROM business_day d
    WHERE d.tenant_id = posted.tenant_id AND d.state IN ('shut', 'closed')
    ORDER BY d.business_date DESC LIMIT 1;
    IF posted.earliest <= shut_through THEN
      RAISE EXCEPTION 'the books of % are shut', posted.earliest USING ERRCODE = 'KI015';
    END IF;
  END LOOP;
  RETURN NULL;
END
$$;
CREATE TRIGGER in_an_open_day AFTER INSERT ON journal
  REFERENCING NEW TABLE AS inserted
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_shut_day();

-- One part of the loans that a day had work with, and what came of it.
CREATE TABLE day_chunk (
  tenant_id      text NOT NULL,
  business_date  date NOT NULL,
  number         integer NOT NULL,
  -- Ids of the first and the last loan.
  from_loan      uuid NOT NULL,
  to_loan        uuid NOT NULL,
  loans          integer NOT NULL,
  done           integer,
  refused        integer,
  journals       integer,
  interest       numeric,
  penal          numeric,
  tax            numeric,
  reminders      integer,
  done_at        timestamptz,
  PRIMARY KEY (tenant_id, business_date, number)
);
CALL keep_tenants_apart('day_chunk');
GRANT SELECT, INSERT, UPDATE ON day_chunk TO kist_app;
CREATE POLICY every_tenant ON day_chunk FOR SELECT TO kist_carrier USING (true);
GRANT SELECT (tenant_id, business_date, number, loans, done, refused, journals, interest, penal, tax)
  ON day_chunk TO kist_carrier;

-- A loan that could not be carried, and why. It is tried again by itself and holds up no other.
CREATE TABLE loan_set_aside (
  tenant_id      text NOT NULL,
  loan_id        uuid NOT NULL,
  business_date  date NOT NULL,
  code           text NOT NULL,
  message        text NOT NULL,
  since          timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, loan_id)
);
CALL keep_tenants_apart('loan_set_aside');
GRANT SELECT, INSERT, UPDATE, DELETE ON loan_set_aside TO kist_app;
CREATE POLICY every_tenant ON loan_set_aside FOR SELECT TO kist_carrier USING (true);
GRANT SELECT (tenant_id, loan_id, business_date, code, message, since) ON loan_set_aside TO kist_carrier;

-- Down Migration
