-- Up Migration

-- What banks owe for a payout that came back late is claimed until people say what became of it.
CREATE TABLE late_payout_settled (
  tenant_id   text NOT NULL,
  payout_id   uuid NOT NULL,
  outcome     text NOT NULL CHECK (outcome IN ('paid', 'not-owed')),
  -- What was owed by then.
  amount      numeric NOT NULL CHECK (amount > 0),
  why         text NOT NULL CHECK (length(why) BETWEEN 1 AND 1000),
  settled_by  text NOT NULL,
  settled_at  timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, payout_id)
);
CALL keep_tenants_apart('late_payout_settled');
CALL make_append_only('late_payout_settled');
GRANT SELECT, INSERT ON late_payout_settled TO kist_app;
-- Few payouts come back.
CREATE INDEX payout_reversed ON payout (tenant_id, id) WHERE state = 'reversed' AND settled_at IS NOT NULL;

-- Operators of the platform see over all tenants what does not agree, and which payouts are late.
CREATE POLICY every_tenant ON reconciliation FOR SELECT TO kist_carrier USING (true);
GRANT SELECT (tenant_id, id, business_date, results, breaks_opened, breaks_closed, breaks_open, settlements_posted, run_by, run_at)
  ON reconciliation TO kist_carrier;
CREATE POLICY every_tenant ON reconciliation_break FOR SELECT TO kist_carrier USING (true);
GRANT SELECT (tenant_id, id, subject_kind, subject, gateway, leg, result, currency, here, there, first_seen_on, owner, state)
  ON reconciliation_break TO kist_carrier;
CREATE POLICY every_tenant ON late_payout_settled FOR SELECT TO kist_carrier USING (true);
GRANT SELECT (tenant_id, payout_id) ON late_payout_settled TO kist_carrier;
GRANT SELECT (mode, utr, business_date, submitted_at, settled_at, closed_at) ON payout TO kist_carrier;

-- Down Migration
