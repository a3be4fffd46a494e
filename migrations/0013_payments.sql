-- Up Migration

-- A tenant's account with a payment gateway. Secrets are sealed (src/secrets); the former webhook secret is
-- still good for what was sent before it was changed, until it expires.
CREATE TABLE payment_gateway (
  tenant_id                    text NOT NULL REFERENCES tenant,
  gateway                      text NOT NULL CHECK (gateway ~ '^[a-z][a-z0-9-]{1,39}$'),
  state                        text NOT NULL DEFAULT 'enabled' CHECK (state IN ('enabled', 'disabled')),
  key_id                       text NOT NULL CHECK (length(key_id) BETWEEN 1 AND 100),
  key_secret                   bytea NOT NULL,
  -- Ours, from which payouts are paid.
  account_number               text NOT NULL CHECK (account_number ~ '^[A-Za-z0-9]{5,35}$'),
  webhook_secret               bytea NOT NULL,
  former_webhook_secret        bytea,
  former_webhook_secret_until  timestamptz,
  -- Counts the changes: what a process keeps of the secrets is good for this version only.
  version                      integer NOT NULL DEFAULT 1,
  updated_by                   text NOT NULL,
  updated_at                   timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, gateway),
  CHECK ((former_webhook_secret IS NULL) = (former_webhook_secret_until IS NULL))
);
CALL keep_tenants_apart('payment_gateway');
GRANT SELECT, INSERT, UPDATE ON payment_gateway TO kist_app;

-- A borrower's account at a bank (or a UPI address), where money is paid to. What it says never changes:
-- another account is another row. `contact` and `fund_account` are what the gateway calls it.
CREATE TABLE bank_account (
  tenant_id       text NOT NULL,
  id              uuid NOT NULL DEFAULT uuidv7(),
  borrower_id     uuid NOT NULL,
  holder          text NOT NULL CHECK (length(holder) BETWEEN 3 AND 120),
  ifsc            text CHECK (ifsc ~ '^[A-Z]{4}0[A-Z0-9]{6}$'),
  account_number  text CHECK (account_number ~ '^[A-Za-z0-9]{5,35}$'),
  vpa             text CHECK (length(vpa) BETWEEN 3 AND 100),
  state           text NOT NULL DEFAULT 'usable' CHECK (state IN ('usable', 'invalid', 'retired')),
  -- Why it cannot be used, in the gateway's word.
  reason          text,
  gateway         text,
  contact         text,
  fund_account    text,
  added_by        text NOT NULL,
  added_at        timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT bank_account_once UNIQUE NULLS NOT DISTINCT (tenant_id, borrower_id, ifsc, account_number, vpa),
  CHECK ((vpa IS NULL) = (account_number IS NOT NULL) AND (ifsc IS NULL) = (account_number IS NULL))
);
CALL keep_tenants_apart('bank_account');
CREATE INDEX bank_account_of_borrower ON bank_account (tenant_id, borrower_id, id);
GRANT SELECT, INSERT, UPDATE (state, reason, gateway, contact, fund_account) ON bank_account TO kist_app;

-- One attempt to pay money out. Its id is its idempotency key and its reference at the gateway. Attempts of
-- one instruction are linked; src/payments/states.ts says what each state means and who may move it where.
CREATE TABLE payout (
  tenant_id         text NOT NULL,
  id                uuid NOT NULL,
  -- The id of the instruction's first attempt.
  instruction_id    uuid NOT NULL,
  attempt           smallint NOT NULL CHECK (attempt BETWEEN 1 AND 20),
  previous_id       uuid,
  purpose           text NOT NULL CHECK (purpose IN ('disbursal', 'withdrawal')),
  loan_id           uuid,
  wallet_id         uuid NOT NULL,
  bank_account_id   uuid NOT NULL,
  reference         text NOT NULL,
  gateway           text NOT NULL,
  mode              text NOT NULL CHECK (mode IN ('IMPS', 'NEFT', 'RTGS', 'UPI')),
  amount            numeric NOT NULL CHECK (amount > 0 AND amount < 1e18),
  currency          text NOT NULL,
  state             text NOT NULL CHECK (state IN
    ('approved', 'submitting', 'unknown', 'suspense', 'pending', 'queued', 'scheduled', 'processing',
     'succeeded', 'failed', 'reversed', 'cancelled', 'rejected')),
  -- Flipped to succeeded when another attempt stood already: people must sort it out.
  contradicts       boolean NOT NULL DEFAULT false,
  -- Exactly what is sent, once it was made; a repeat sends the same bytes.
  request_body      text,
  provider_id       text,
  utr               text,
  -- What the gateway takes for it; `tax` is a part of `fees`.
  fees              numeric CHECK (fees >= 0),
  tax               numeric CHECK (tax >= 0 AND tax <= fees),
  reason            text,
  created_at        timestamptz NOT NULL,
  business_date     date NOT NULL,
  submitted_at      timestamptz,
  unknown_since     timestamptz,
  settled_at        timestamptz,
  -- Nothing can move it any more: matched by the reconciliation, and the time for a reversal over.
  closed_at         timestamptz,
  -- When the gateway is asked again how it stands, by the business clock, and how often it was.
  next_look_at      timestamptz,
  looks             smallint NOT NULL DEFAULT 0,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT payout_attempt UNIQUE (tenant_id, instruction_id, attempt),
  CONSTRAINT payout_previous FOREIGN KEY (tenant_id, previous_id) REFERENCES payout (tenant_id, id),
  CONSTRAINT payout_bank_account FOREIGN KEY (tenant_id, bank_account_id) REFERENCES bank_account (tenant_id, id),
  CHECK ((attempt = 1) = (previous_id IS NULL) AND (attempt = 1) = (instruction_id = id)),
  CHECK ((purpose = 'disbursal') = (loan_id IS NOT NULL))
) WITH (fillfactor = 70);
CALL keep_tenants_apart('payout');
-- The database itself refuses a second payment while an earlier attempt may have happened.
CREATE UNIQUE INDEX payout_one_live ON payout (tenant_id, instruction_id)
  WHERE state NOT IN ('failed', 'reversed', 'cancelled', 'rejected') AND NOT contradicts;
CREATE UNIQUE INDEX payout_of_loan ON payout (tenant_id, loan_id, reference) WHERE attempt = 1 AND loan_id IS NOT NULL;
CREATE UNIQUE INDEX payout_reference ON payout (tenant_id, purpose, reference) WHERE attempt = 1;
CREATE UNIQUE INDEX payout_provider ON payout (tenant_id, gateway, provider_id) WHERE provider_id IS NOT NULL;
CREATE INDEX payout_of_wallet ON payout (tenant_id, wallet_id, id);
CREATE INDEX payout_to_look_at ON payout (tenant_id, next_look_at) WHERE next_look_at IS NOT NULL;
CREATE INDEX payout_open ON payout (tenant_id, state, id)
  WHERE state IN ('approved', 'submitting', 'unknown', 'suspense', 'pending', 'queued', 'scheduled', 'processing');
CREATE INDEX payout_utr ON payout (tenant_id, utr) WHERE utr IS NOT NULL;
GRANT SELECT, INSERT ON payout TO kist_app;
GRANT UPDATE (state, contradicts, request_body, provider_id, utr, fees, tax, reason, submitted_at, unknown_since,
              settled_at, closed_at, next_look_at, looks) ON payout TO kist_app;
CREATE POLICY every_tenant ON payout FOR SELECT TO kist_carrier USING (true);
GRANT SELECT ON payout TO kist_carrier;

-- Every move of a payout, a collection, a refund …, with what showed that it happened.
CREATE TABLE payment_move (
  tenant_id      text NOT NULL,
  subject        uuid NOT NULL,
  seq            smallint NOT NULL CHECK (seq > 0),
  kind           text NOT NULL CHECK (kind IN ('payout', 'collection', 'refund', 'dispute', 'mandate-debit')),
  from_state     text,
  to_state       text NOT NULL,
  evidence       text NOT NULL CHECK (evidence IN ('answer', 'event', 'poll', 'statement', 'person', 'machine')),
  -- Which: status and reason of an answer, an event's id, a statement's line, an approval's id.
  detail         jsonb NOT NULL DEFAULT '{}',
  journal_id     uuid,
  at             timestamptz NOT NULL,
  business_date  date NOT NULL,
  PRIMARY KEY (tenant_id, subject, seq)
);
CALL keep_tenants_apart('payment_move');
CALL make_append_only('payment_move');
GRANT SELECT, INSERT ON payment_move TO kist_app;

-- What no machine may decide: contradictions and unknown outcomes. Two people resolve it.
CREATE TABLE payment_exception (
  tenant_id      text NOT NULL,
  id             uuid NOT NULL DEFAULT uuidv7(),
  kind           text NOT NULL,
  subject        uuid NOT NULL,
  code           text NOT NULL,
  message        text NOT NULL,
  detail         jsonb NOT NULL DEFAULT '{}',
  raised_at      timestamptz NOT NULL,
  business_date  date NOT NULL,
  owner          text,
  resolved_at    timestamptz,
  resolved_by    text,
  resolution     text,
  PRIMARY KEY (tenant_id, id),
  CHECK ((resolved_at IS NULL) = (resolution IS NULL))
);
CALL keep_tenants_apart('payment_exception');
CREATE INDEX payment_exception_open ON payment_exception (tenant_id, id) WHERE resolved_at IS NULL;
CREATE INDEX payment_exception_of ON payment_exception (tenant_id, subject);
GRANT SELECT, INSERT ON payment_exception TO kist_app;
GRANT UPDATE (owner, resolved_at, resolved_by, resolution) ON payment_exception TO kist_app;

-- What a gateway told us, as it came: stored once by the gateway's own id for it, applied by a job.
CREATE TABLE callback_event (
  tenant_id    text NOT NULL,
  gateway      text NOT NULL,
  event_id     text NOT NULL CHECK (length(event_id) BETWEEN 1 AND 200),
  id           uuid NOT NULL DEFAULT uuidv7(),
  type         text NOT NULL,
  -- The gateway's id of the object it tells of; null where it tells of none that we know.
  object       text,
  -- The bytes as they came: what was signed.
  body         bytea NOT NULL,
  signed_with  text NOT NULL CHECK (signed_with IN ('present', 'former')),
  received_at  timestamptz NOT NULL DEFAULT now(),
  -- Set in the transaction that holds its effects: "seen" means applied.
  applied_at   timestamptz,
  outcome      text,
  PRIMARY KEY (tenant_id, gateway, event_id),
  CONSTRAINT callback_event_id UNIQUE (tenant_id, id),
  CHECK ((applied_at IS NULL) = (outcome IS NULL))
);
CALL keep_tenants_apart('callback_event');
CREATE INDEX callback_event_waiting ON callback_event (tenant_id, received_at) WHERE applied_at IS NULL;
CREATE INDEX callback_event_of ON callback_event (tenant_id, gateway, object, id);
GRANT SELECT, INSERT ON callback_event TO kist_app;
GRANT UPDATE (applied_at, outcome) ON callback_event TO kist_app;

-- Down Migration
