-- Up Migration

-- Operators of the platform see how much money is under way over all tenants, and what waits for people; of a
-- payout no more than that takes, and never what is sent for it.
REVOKE SELECT ON payout FROM kist_carrier;
GRANT SELECT (tenant_id, id, purpose, loan_id, wallet_id, gateway, amount, currency, state, reason, created_at,
              unknown_since, next_look_at) ON payout TO kist_carrier;
CREATE POLICY every_tenant ON payment_exception FOR SELECT TO kist_carrier USING (true);
GRANT SELECT (tenant_id, id, kind, subject, code, message, raised_at, business_date, owner, resolved_at)
  ON payment_exception TO kist_carrier;

-- Down Migration
