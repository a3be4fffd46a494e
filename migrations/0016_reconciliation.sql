-- Up Migration

-- A statement that was read: a file of the bank or the gateway, or what the gateway answered for a day.
-- The same content is the same load, read once. One without `loaded_at` is still being read: nobody sees it.
CREATE TABLE statement_load (
  tenant_id     text NOT NULL REFERENCES tenant,
  id            uuid NOT NULL DEFAULT uuidv7(),
  kind          text NOT NULL CHECK (kind IN ('bank', 'settlement', 'account')),
  gateway       text,
  -- A file's name, or `gateway`.
  source        text NOT NULL CHECK (length(source) BETWEEN 1 AND 200),
  content_hash  bytea CHECK (octet_length(content_hash) = 32),
  lines         integer NOT NULL DEFAULT 0,
  -- The days that it tells of, both included.
  from_on       date,
  to_on         date,
  loaded_by     text NOT NULL,
  begun_at      timestamptz NOT NULL DEFAULT now(),
  loaded_at     timestamptz,
  PRIMARY KEY (tenant_id, id),
  CHECK ((kind = 'bank') = (gateway IS NULL)),
  CHECK (loaded_at IS NULL OR (content_hash IS NOT NULL AND (from_on IS NULL) = (to_on IS NULL)))
);
CALL keep_tenants_apart('statement_load');
CREATE UNIQUE INDEX statement_load_content ON statement_load (tenant_id, kind, coalesce(gateway, ''), content_hash)
  WHERE loaded_at IS NOT NULL;
GRANT SELECT, INSERT, DELETE ON statement_load TO kist_app;
GRANT UPDATE (content_hash, lines, from_on, to_on, loaded_at) ON statement_load TO kist_app;

-- A line of a bank's statement. `current`: no later load tells the same line again.
CREATE TABLE bank_line (
  tenant_id    text NOT NULL,
  load_id      uuid NOT NULL,
  line         integer NOT NULL,
  on_date      date NOT NULL,
  utr          text,
  description  text NOT NULL,
  debit        numeric NOT NULL CHECK (debit >= 0),
  credit       numeric NOT NULL CHECK (credit >= 0),
  currency     text NOT NULL,
  balance      numeric,
  current      boolean NOT NULL DEFAULT true,
  PRIMARY KEY (tenant_id, load_id, line)
);
CALL keep_tenants_apart('bank_line');
CREATE INDEX bank_line_utr ON bank_line (tenant_id, utr) WHERE utr IS NOT NULL;
GRANT SELECT, INSERT, DELETE, MAINTAIN, UPDATE (current) ON bank_line TO kist_app;

-- A line of what the gateway settled (`settlement`), or of the account that payouts are paid from
-- (`account`). `about`: the gateway's id of our payout, payment or refund that it is about.
CREATE TABLE gateway_line (
  tenant_id    text NOT NULL,
  load_id      uuid NOT NULL,
  line         integer NOT NULL,
  source       text NOT NULL CHECK (source IN ('settlement', 'account')),
  gateway      text NOT NULL,
  on_date      date NOT NULL,
  entity       text NOT NULL,
  kind         text NOT NULL CHECK
    (kind IN ('payment', 'refund', 'payout', 'reversal', 'adjustment', 'transfer', 'other')),
  about        text NOT NULL,
  debit        numeric NOT NULL CHECK (debit >= 0),
  credit       numeric NOT NULL CHECK (credit >= 0),
  amount       numeric NOT NULL,
  currency     text NOT NULL,
  fee          numeric NOT NULL,
  -- A part of `fee`.
  tax          numeric NOT NULL,
  status       text,
  settlement   text,
  utr          text,
  happened_at  timestamptz NOT NULL,
  balance      numeric,
  description  text NOT NULL,
  current      boolean NOT NULL DEFAULT true,
  PRIMARY KEY (tenant_id, load_id, line)
);
CALL keep_tenants_apart('gateway_line');
CREATE INDEX gateway_line_about ON gateway_line (tenant_id, gateway, about);
CREATE INDEX gateway_line_settlement ON gateway_line (tenant_id, gateway, settlement) WHERE settlement IS NOT NULL;
CREATE INDEX gateway_line_utr ON gateway_line (tenant_id, utr) WHERE utr IS NOT NULL;
GRANT SELECT, INSERT, DELETE, MAINTAIN, UPDATE (current) ON gateway_line TO kist_app;

-- Only what nobody has seen yet can be taken away again.
CREATE POLICY being_read ON statement_load AS RESTRICTIVE FOR DELETE USING (loaded_at IS NULL);
CREATE POLICY being_read ON bank_line AS RESTRICTIVE FOR DELETE USING (EXISTS (
  SELECT FROM statement_load l WHERE l.tenant_id = current_tenant() AND l.id = load_id AND l.loaded_at IS NULL));
CREATE POLICY being_read ON gateway_line AS RESTRICTIVE FOR DELETE USING (EXISTS (
  SELECT FROM statement_load l WHERE l.tenant_id = current_tenant() AND l.id = load_id AND l.loaded_at IS NULL));

-- Business days after the first day, up to the second one. What it is asked for mostly lies a day apart.
CREATE FUNCTION business_days(from_on date, to_on date, holidays date[]) RETURNS integer
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN CASE WHEN to_on <= from_on + 1 THEN greatest(to_on - from_on, 0) ELSE (
    SELECT count(*)::integer FROM generate_series(from_on + 1, to_on, interval '1 day') AS day
    WHERE extract(isodow FROM day) < 6 AND day::date <> ALL (holidays)) END;

-- What is settled and may come back yet, or was not matched yet.
CREATE INDEX payout_not_closed ON payout (tenant_id, id) WHERE settled_at IS NOT NULL AND closed_at IS NULL;

CREATE INDEX collection_not_settled ON collection (tenant_id, id) WHERE state IN ('captured', 'won');
-- The day on which the reconciliation saw it in a settlement.
ALTER TABLE refund ADD COLUMN settled_on date;
GRANT UPDATE (settled_on) ON refund TO kist_app;
CREATE INDEX refund_not_settled ON refund (tenant_id, id)
  WHERE settled_on IS NULL AND state <> 'failed' AND provider_id IS NOT NULL;

-- What the gateway paid to our bank at once, as its lines add up. The journal is posted once the bank has it.
CREATE TABLE settlement (
  tenant_id   text NOT NULL REFERENCES tenant,
  gateway     text NOT NULL,
  id          text NOT NULL,
  utr         text,
  on_date     date NOT NULL,
  currency    text NOT NULL,
  -- Payments less refunds; adjustments; what the gateway took for it, tax being a part of fee.
  gross       numeric NOT NULL,
  adjusted    numeric NOT NULL,
  fee         numeric NOT NULL,
  tax         numeric NOT NULL,
  -- gross + adjusted - fee: what reaches the bank.
  net         numeric NOT NULL,
  journal_id  uuid,
  PRIMARY KEY (tenant_id, gateway, id)
);
CALL keep_tenants_apart('settlement');
CREATE INDEX settlement_not_posted ON settlement (tenant_id, gateway, id) WHERE journal_id IS NULL;
CREATE INDEX settlement_utr ON settlement (tenant_id, utr) WHERE utr IS NOT NULL;
GRANT SELECT, INSERT, UPDATE ON settlement TO kist_app;

-- One comparison of our books with what was read, and what came of it.
CREATE TABLE reconciliation (
  tenant_id    text NOT NULL REFERENCES tenant,
  id           uuid NOT NULL DEFAULT uuidv7(),
  business_date date NOT NULL,
  loads        uuid[] NOT NULL,
  -- [{subject, result, rows, here, there}], by subject and result.
  results      jsonb NOT NULL,
  breaks_opened  integer NOT NULL,
  breaks_closed  integer NOT NULL,
  breaks_open    integer NOT NULL,
  settlements_posted integer NOT NULL,
  run_by       text NOT NULL,
  run_at       timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
CALL keep_tenants_apart('reconciliation');
CALL make_append_only('reconciliation');
GRANT SELECT, INSERT ON reconciliation TO kist_app;

-- What does not match, one row a subject for ever: seen again it keeps its age, gone it is resolved by
-- itself, back again it begins another episode.
CREATE TABLE reconciliation_break (
  tenant_id      text NOT NULL REFERENCES tenant,
  id             uuid NOT NULL DEFAULT uuidv7(),
  subject_kind   text NOT NULL CHECK (subject_kind IN
    ('payout', 'collection', 'refund', 'settlement', 'adjustment', 'bank-line')),
  -- Our id where it is ours, else what the gateway or the bank calls it.
  subject        text NOT NULL,
  gateway        text,
  -- What is compared with our books.
  leg            text NOT NULL CHECK (leg IN ('gateway', 'bank')),
  result         text NOT NULL CHECK (result IN
    ('missing-here', 'missing-there', 'amount', 'fee', 'tax', 'duplicate', 'status', 'currency', 'late', 'explained')),
  currency       text NOT NULL,
  -- What moved by our books and by theirs; money out is below zero.
  here           numeric,
  there          numeric,
  -- The lines it rests on: [{load, line}].
  evidence       jsonb NOT NULL DEFAULT '[]',
  happened_on    date NOT NULL,
  first_seen_on  date NOT NULL,
  last_seen_on   date NOT NULL,
  episode        integer NOT NULL DEFAULT 1,
  owner          text,
  state          text NOT NULL CHECK (state IN ('open', 'explained', 'resolved')),
  -- Why it is not open: what people said, or `gone`.
  resolution     text,
  why            text,
  journal_id     uuid,
  resolved_by    text,
  resolved_at    timestamptz,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT reconciliation_break_subject UNIQUE NULLS NOT DISTINCT (tenant_id, subject_kind, gateway, subject),
  CHECK ((state = 'open') = (resolution IS NULL)),
  CHECK ((state = 'resolved') = (resolved_at IS NOT NULL))
);
CALL keep_tenants_apart('reconciliation_break');
CREATE INDEX reconciliation_break_standing ON reconciliation_break (tenant_id, id) WHERE state <> 'resolved';
GRANT SELECT, INSERT, UPDATE ON reconciliation_break TO kist_app;

-- Down Migration
