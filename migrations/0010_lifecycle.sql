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

-- What waits for its credit check (src/loans/backlog.ts).
CREATE INDEX application_undecided ON application (tenant_id) WHERE state IN ('applied', 'checking');

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

-- Money set aside in a wallet. It lies on the account `wallet/<id>/held`, where nobody can spend it, until
-- the hold is released, captured or past its time. Its id is that of the journal that set it aside.
CREATE TABLE wallet_hold (
  tenant_id    text NOT NULL,
  id           uuid NOT NULL,
  wallet_id    uuid NOT NULL,
  amount       numeric NOT NULL CHECK (amount > 0 AND amount < 1e18),
  currency     text NOT NULL,
  reference    text NOT NULL,
  state        text NOT NULL DEFAULT 'held' CHECK (state IN ('held', 'released', 'captured', 'expired')),
  held_at      timestamptz NOT NULL,
  expires_at   timestamptz,
  ended_at     timestamptz,
  -- The journal that ended it, and how much of the money went elsewhere than back.
  ended_by     uuid,
  captured     numeric CHECK (captured > 0 AND captured <= amount),
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT wallet_hold_ended CHECK ((state = 'held') = (ended_at IS NULL AND ended_by IS NULL)),
  CONSTRAINT wallet_hold_captured CHECK ((state = 'captured') = (captured IS NOT NULL))
) WITH (fillfactor = 70);
CALL keep_tenants_apart('wallet_hold');
CREATE INDEX wallet_hold_of_wallet ON wallet_hold (tenant_id, wallet_id, id);
CREATE INDEX wallet_hold_expiring ON wallet_hold (tenant_id, expires_at, id) WHERE state = 'held';
GRANT SELECT, INSERT, UPDATE (state, ended_at, ended_by, captured) ON wallet_hold TO kist_app;

-- Down Migration
