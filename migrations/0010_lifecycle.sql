-- Up Migration

-- The states of src/loans/states.ts. Who cancelled, when and why stands with what was cancelled.
ALTER TABLE application
  ADD COLUMN cancelled_by         text,
  ADD COLUMN cancelled_at         timestamptz,
  ADD COLUMN cancellation_reason  text,
  DROP CONSTRAINT application_state_check,
  ADD CONSTRAINT application_state_check CHECK (state IN
    ('applied', 'checking', 'offered', 'referred', 'refused', 'approved', 'rejected', 'cancelled')),
  ADD CONSTRAINT application_cancelled CHECK ((state = 'cancelled') = (cancelled_at IS NOT NULL));

-- closed_on is the business date of the end, whichever end it was.
ALTER TABLE loan
  ADD COLUMN cancelled_by         text,
  ADD COLUMN cancelled_at         timestamptz,
  ADD COLUMN cancellation_reason  text,
  DROP CONSTRAINT loan_state_check,
  DROP CONSTRAINT loan_check,
  DROP CONSTRAINT loan_check1,
  ADD CONSTRAINT loan_state_check CHECK (state IN
    ('disbursing', 'active', 'closed', 'foreclosed', 'written-off', 'cancelled')),
  ADD CONSTRAINT loan_disbursed CHECK ((state IN ('disbursing', 'cancelled')) = (disbursed_on IS NULL)),
  ADD CONSTRAINT loan_ended CHECK ((state IN ('disbursing', 'active')) = (closed_on IS NULL)),
  ADD CONSTRAINT loan_cancelled CHECK ((state = 'cancelled') = (cancelled_at IS NOT NULL));

-- Down Migration
