-- Up Migration

-- The secret part of the address at which a provider tells what became of a tenant's messages: its digest alone.
-- It is random and long, so that nobody finds it by guessing. The former one is good until it expires.
CREATE TABLE notification_receipt_address (
  tenant_id      text NOT NULL REFERENCES tenant,
  provider       text NOT NULL,
  secret_hash    bytea NOT NULL,
  former_hash    bytea,
  former_until   timestamptz,
  -- Blocks of addresses that may tell something; none: everybody.
  allowed        text[] NOT NULL DEFAULT '{}' CHECK (cardinality(allowed) <= 50),
  -- Counts the changes: what a process keeps of the row is good for this version only.
  version        integer NOT NULL DEFAULT 1,
  updated_by     text NOT NULL,
  updated_at     timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, provider),
  CHECK ((former_hash IS NULL) = (former_until IS NULL))
);
CALL keep_tenants_apart('notification_receipt_address');
GRANT SELECT, INSERT, UPDATE, DELETE ON notification_receipt_address TO kist_app;

-- What a provider told of a message, or said when it was asked, as it came. Told again it is the same.
CREATE TABLE notification_receipt (
  tenant_id    text NOT NULL,
  provider     text NOT NULL,
  -- Digest of what makes it the same: neither provider has ids of what it tells.
  same_as      bytea NOT NULL,
  id           uuid NOT NULL DEFAULT uuidv7(),
  event        text NOT NULL,
  way          text NOT NULL CHECK (way IN ('told', 'asked')),
  body         text NOT NULL,
  received_at  timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, provider, same_as),
  CONSTRAINT notification_receipt_id UNIQUE (tenant_id, id)
);
CALL keep_tenants_apart('notification_receipt');
CALL make_append_only('notification_receipt');
GRANT SELECT, INSERT ON notification_receipt TO kist_app;

-- What a receipt did, written with its effects.
CREATE TABLE notification_receipt_applied (
  tenant_id   text NOT NULL,
  receipt_id  uuid NOT NULL,
  -- Null where it is of no message that is known here.
  message_id  uuid,
  outcome     text NOT NULL,
  applied_at  timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, receipt_id)
);
CALL keep_tenants_apart('notification_receipt_applied');
CALL make_append_only('notification_receipt_applied');
CREATE INDEX notification_receipt_of ON notification_receipt_applied (tenant_id, message_id, receipt_id)
  WHERE message_id IS NOT NULL;
GRANT SELECT, INSERT ON notification_receipt_applied TO kist_app;

-- A template that the networks dropped a text of: people are told once a day.
CREATE TABLE notification_dlt_rejection (
  tenant_id      text NOT NULL,
  template       text NOT NULL,
  business_date  date NOT NULL,
  message_id     uuid NOT NULL,
  PRIMARY KEY (tenant_id, template, business_date)
);
CALL keep_tenants_apart('notification_dlt_rejection');
CALL make_append_only('notification_dlt_rejection');
GRANT SELECT, INSERT ON notification_dlt_rejection TO kist_app;

-- When a provider is asked what became of a message of which it has told nothing, and how often it was.
ALTER TABLE notification_message
  ADD COLUMN ask_at timestamptz,
  ADD COLUMN asked smallint NOT NULL DEFAULT 0;
CREATE INDEX notification_message_to_ask ON notification_message (tenant_id, ask_at) WHERE ask_at IS NOT NULL;
CREATE POLICY every_tenant ON notification_message FOR SELECT TO kist_carrier USING (true);
GRANT SELECT (tenant_id, ask_at) ON notification_message TO kist_carrier;
-- Tries of which nobody knows how they ended: a receipt may be of one of them.
CREATE INDEX notification_attempt_unknown ON notification_attempt (tenant_id, provider, began_at)
  WHERE outcome = 'unknown';

-- Down Migration
