-- Up Migration

-- What a borrower may pay against at a gateway: our id is its receipt there. An order moves no money.
CREATE TABLE collection_order (
  tenant_id      text NOT NULL,
  id             uuid NOT NULL,
  loan_id        uuid,
  gateway        text NOT NULL,
  purpose        text NOT NULL CHECK (purpose IN ('repayment', 'mandate-debit', 'other')),
  -- The caller's own name for it.
  reference      text NOT NULL,
  amount         numeric NOT NULL CHECK (amount > 0 AND amount < 1e15),
  currency       text NOT NULL,
  -- asking: the gateway has not answered yet; refused: it would not make it.
  state          text NOT NULL CHECK (state IN ('asking', 'created', 'attempted', 'paid', 'refused')),
  provider_id    text,
  reason         text,
  created_at     timestamptz NOT NULL,
  business_date  date NOT NULL,
  -- When the gateway is asked again what was paid, by the business clock, and how often it was.
  next_look_at   timestamptz,
  looks          smallint NOT NULL DEFAULT 0,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT collection_order_reference UNIQUE (tenant_id, purpose, reference),
  CHECK ((state IN ('asking', 'refused')) = (provider_id IS NULL))
) WITH (fillfactor = 70);
CALL keep_tenants_apart('collection_order');
CREATE UNIQUE INDEX collection_order_provider ON collection_order (tenant_id, gateway, provider_id)
  WHERE provider_id IS NOT NULL;
CREATE INDEX collection_order_of_loan ON collection_order (tenant_id, loan_id, id) WHERE loan_id IS NOT NULL;
CREATE INDEX collection_order_to_look_at ON collection_order (tenant_id, next_look_at) WHERE next_look_at IS NOT NULL;
GRANT SELECT, INSERT ON collection_order TO kist_app;
GRANT UPDATE (state, provider_id, reason, next_look_at, looks) ON collection_order TO kist_app;
CREATE POLICY every_tenant ON collection_order FOR SELECT TO kist_carrier USING (true);
GRANT SELECT (tenant_id, next_look_at) ON collection_order TO kist_carrier;

-- Money that a borrower paid in, or tried to: one row for each payment that the gateway knows.
-- amount = allocated + unallocated + refunded + returned + lost once it is captured.
CREATE TABLE collection (
  tenant_id      text NOT NULL,
  id             uuid NOT NULL,
  gateway        text NOT NULL,
  provider_id    text NOT NULL,
  order_id       uuid,
  loan_id        uuid,
  amount         numeric NOT NULL CHECK (amount > 0 AND amount < 1e15),
  currency       text NOT NULL,
  -- What the gateway takes for it; `tax` is a part of `fee`.
  fee            numeric CHECK (fee >= 0),
  tax            numeric CHECK (tax >= 0 AND tax <= fee),
  method         text,
  state          text NOT NULL CHECK (state IN
    ('created', 'authorized', 'failed', 'captured', 'settled', 'disputed', 'won', 'lost', 'refunded', 'reversed',
     'auto-refunded')),
  reason         text,
  -- When the borrower paid, by the gateway, and the day it was on the tenant's wall.
  paid_at        timestamptz NOT NULL,
  paid_on        date NOT NULL,
  captured_at    timestamptz,
  -- Taken by loans; owed to nobody yet; given back by us (or about to be); taken back by
  -- bank or gateway; lost in a dispute.
  allocated      numeric NOT NULL DEFAULT 0 CHECK (allocated >= 0),
  unallocated    numeric NOT NULL DEFAULT 0 CHECK (unallocated >= 0),
  refunded       numeric NOT NULL DEFAULT 0 CHECK (refunded >= 0),
  returned       numeric NOT NULL DEFAULT 0 CHECK (returned >= 0),
  lost           numeric NOT NULL DEFAULT 0 CHECK (lost >= 0),
  created_at     timestamptz NOT NULL,
  business_date  date NOT NULL,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT collection_provider UNIQUE (tenant_id, gateway, provider_id),
  CONSTRAINT collection_order_of FOREIGN KEY (tenant_id, order_id) REFERENCES collection_order (tenant_id, id),
  CONSTRAINT collection_adds_up CHECK (
    allocated + unallocated + refunded + returned + lost = CASE WHEN captured_at IS NULL THEN 0 ELSE amount END)
) WITH (fillfactor = 70);
CALL keep_tenants_apart('collection');
CREATE INDEX collection_of_order ON collection (tenant_id, order_id) WHERE order_id IS NOT NULL;
CREATE INDEX collection_of_loan ON collection (tenant_id, loan_id, id) WHERE loan_id IS NOT NULL;
CREATE INDEX collection_unallocated ON collection (tenant_id, id) WHERE unallocated > 0;
GRANT SELECT, INSERT ON collection TO kist_app;
GRANT UPDATE (order_id, loan_id, fee, tax, method, state, reason, captured_at, allocated, unallocated, refunded,
              returned, lost) ON collection TO kist_app;

-- What of a collection which loan took, as which repayment.
CREATE TABLE collection_allocation (
  tenant_id      text NOT NULL,
  collection_id  uuid NOT NULL,
  seq            smallint NOT NULL CHECK (seq > 0),
  loan_id        uuid NOT NULL,
  -- The repayment's name.
  reference      text NOT NULL,
  amount         numeric NOT NULL CHECK (amount > 0),
  journal_id     uuid NOT NULL,
  -- The repayment was undone, or could not be: then people look.
  undone_at      timestamptz,
  undone_by      uuid,
  PRIMARY KEY (tenant_id, collection_id, seq),
  CONSTRAINT collection_allocation_reference UNIQUE (tenant_id, reference),
  FOREIGN KEY (tenant_id, collection_id) REFERENCES collection (tenant_id, id)
);
CALL keep_tenants_apart('collection_allocation');
GRANT SELECT, INSERT, UPDATE (undone_at, undone_by) ON collection_allocation TO kist_app;

-- A borrower's standing order to be debited, as the gateway keeps it.
CREATE TABLE mandate (
  tenant_id    text NOT NULL,
  id           uuid NOT NULL DEFAULT uuidv7(),
  loan_id      uuid NOT NULL,
  gateway      text NOT NULL,
  -- What the gateway calls the customer and the mandate.
  customer     text NOT NULL CHECK (length(customer) BETWEEN 1 AND 100),
  token        text NOT NULL CHECK (length(token) BETWEEN 1 AND 100),
  method       text NOT NULL CHECK (method IN ('emandate', 'nach', 'upi', 'card')),
  max_amount   numeric NOT NULL CHECK (max_amount > 0 AND max_amount < 1e15),
  currency     text NOT NULL,
  email        text NOT NULL CHECK (length(email) BETWEEN 3 AND 254),
  phone        text NOT NULL CHECK (length(phone) BETWEEN 5 AND 20),
  state        text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'revoked')),
  added_by     text NOT NULL,
  added_at     timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT mandate_token UNIQUE (tenant_id, gateway, token)
);
CALL keep_tenants_apart('mandate');
CREATE INDEX mandate_of_loan ON mandate (tenant_id, loan_id, id);
GRANT SELECT, INSERT, UPDATE (state) ON mandate TO kist_app;

-- One attempt to debit a mandate for an instalment. Its order is made for it alone.
CREATE TABLE mandate_debit (
  tenant_id      text NOT NULL,
  id             uuid NOT NULL,
  mandate_id     uuid NOT NULL,
  loan_id        uuid NOT NULL,
  instalment     smallint NOT NULL CHECK (instalment > 0),
  attempt        smallint NOT NULL CHECK (attempt BETWEEN 1 AND 100),
  order_id       uuid NOT NULL,
  amount         numeric NOT NULL CHECK (amount > 0 AND amount < 1e15),
  currency       text NOT NULL,
  state          text NOT NULL CHECK (state IN
    ('created', 'presenting', 'unknown', 'pending', 'captured', 'bounced', 'returned')),
  -- Captured after it had bounced, when another attempt stood already: people must sort it out.
  contradicts    boolean NOT NULL DEFAULT false,
  provider_id    text,
  reason         text,
  created_at     timestamptz NOT NULL,
  presented_at   timestamptz,
  resolved_at    timestamptz,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT mandate_debit_attempt UNIQUE (tenant_id, loan_id, instalment, attempt),
  CONSTRAINT mandate_debit_order UNIQUE (tenant_id, order_id),
  FOREIGN KEY (tenant_id, mandate_id) REFERENCES mandate (tenant_id, id),
  FOREIGN KEY (tenant_id, order_id) REFERENCES collection_order (tenant_id, id)
) WITH (fillfactor = 70);
CALL keep_tenants_apart('mandate_debit');
-- The database itself refuses to present an instalment again before its last attempt is resolved.
CREATE UNIQUE INDEX mandate_debit_one_live ON mandate_debit (tenant_id, loan_id, instalment)
  WHERE state NOT IN ('bounced', 'returned') AND NOT contradicts;
GRANT SELECT, INSERT ON mandate_debit TO kist_app;
GRANT UPDATE (state, contradicts, provider_id, reason, presented_at, resolved_at) ON mandate_debit TO kist_app;

-- One attempt to give unallocated money of a collection back. Its id is its idempotency key.
CREATE TABLE refund (
  tenant_id       text NOT NULL,
  id              uuid NOT NULL,
  -- The id of the instruction's first attempt.
  instruction_id  uuid NOT NULL,
  attempt         smallint NOT NULL CHECK (attempt BETWEEN 1 AND 20),
  collection_id   uuid NOT NULL,
  amount          numeric NOT NULL CHECK (amount > 0 AND amount < 1e15),
  currency        text NOT NULL,
  state           text NOT NULL CHECK (state IN
    ('requested', 'unknown', 'suspense', 'pending', 'processed', 'failed')),
  -- Exactly what is sent, once it was made; a repeat sends the same bytes.
  request_body    text,
  provider_id     text,
  reason          text,
  asked_by        text NOT NULL,
  created_at      timestamptz NOT NULL,
  business_date   date NOT NULL,
  next_look_at    timestamptz,
  looks           smallint NOT NULL DEFAULT 0,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT refund_attempt UNIQUE (tenant_id, instruction_id, attempt),
  FOREIGN KEY (tenant_id, collection_id) REFERENCES collection (tenant_id, id),
  CHECK ((attempt = 1) = (instruction_id = id))
) WITH (fillfactor = 70);
CALL keep_tenants_apart('refund');
CREATE UNIQUE INDEX refund_one_live ON refund (tenant_id, instruction_id) WHERE state <> 'failed';
CREATE UNIQUE INDEX refund_provider ON refund (tenant_id, provider_id) WHERE provider_id IS NOT NULL;
CREATE INDEX refund_of_collection ON refund (tenant_id, collection_id, id);
CREATE INDEX refund_to_look_at ON refund (tenant_id, next_look_at) WHERE next_look_at IS NOT NULL;
GRANT SELECT, INSERT ON refund TO kist_app;
GRANT UPDATE (state, request_body, provider_id, reason, next_look_at, looks) ON refund TO kist_app;
CREATE POLICY every_tenant ON refund FOR SELECT TO kist_carrier USING (true);
GRANT SELECT (tenant_id, next_look_at) ON refund TO kist_carrier;

-- The borrower's bank asks for a collection back.
CREATE TABLE dispute (
  tenant_id      text NOT NULL,
  id             uuid NOT NULL,
  gateway        text NOT NULL,
  provider_id    text NOT NULL,
  collection_id  uuid NOT NULL,
  amount         numeric NOT NULL CHECK (amount > 0 AND amount < 1e15),
  currency       text NOT NULL,
  state          text NOT NULL CHECK (state IN ('open', 'under-review', 'won', 'lost')),
  reason         text,
  respond_by     timestamptz,
  opened_at      timestamptz NOT NULL,
  business_date  date NOT NULL,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT dispute_provider UNIQUE (tenant_id, gateway, provider_id),
  FOREIGN KEY (tenant_id, collection_id) REFERENCES collection (tenant_id, id)
);
CALL keep_tenants_apart('dispute');
CREATE INDEX dispute_of_collection ON dispute (tenant_id, collection_id, id);
GRANT SELECT, INSERT, UPDATE (state, reason, respond_by) ON dispute TO kist_app;

-- Down Migration
