-- Up Migration

-- What happened, for those outside who asked to be told (src/events/emit.ts). `seq` counts the events of one
-- subject (a loan, a wallet, an application …) in the order in which their transactions committed.
CREATE TABLE event (
  tenant_id      text NOT NULL,
  id             uuid NOT NULL DEFAULT uuidv7(),
  subject        uuid NOT NULL,
  seq            bigint NOT NULL CHECK (seq > 0),
  type           text NOT NULL CHECK (type ~ '^[a-z][a-z0-9-]*(\.[a-z0-9-]+)+$' AND length(type) <= 100),
  at             timestamptz NOT NULL,
  business_date  date NOT NULL,
  journal_id     uuid,
  data           jsonb NOT NULL,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT event_seq UNIQUE (tenant_id, subject, seq)
);
CALL keep_tenants_apart('event');
CALL make_append_only('event');
CREATE INDEX event_of_type ON event (tenant_id, type, id);
GRANT SELECT, INSERT ON event TO kist_app;

-- How many events a subject has, and up to which of them deliveries were accepted. Who emits locks the row
-- until the commit, so events of one subject are numbered in the order of their commits.
CREATE TABLE event_subject (
  tenant_id   text NOT NULL,
  subject     uuid NOT NULL,
  seq         bigint NOT NULL,
  fanned_seq  bigint NOT NULL DEFAULT 0 CHECK (fanned_seq <= seq),
  PRIMARY KEY (tenant_id, subject)
) WITH (fillfactor = 70);
CALL keep_tenants_apart('event_subject');
CREATE INDEX event_subject_waiting ON event_subject (tenant_id, subject) WHERE fanned_seq < seq;
GRANT SELECT, INSERT, UPDATE ON event_subject TO kist_app;
CREATE POLICY every_tenant ON event_subject FOR SELECT TO kist_carrier USING (true);
GRANT SELECT ON event_subject TO kist_carrier;

-- Where a tenant wants its events sent. Secrets are sealed (src/secrets); the former one signs beside the
-- present one until it expires.
CREATE TABLE webhook_endpoint (
  tenant_id             text NOT NULL REFERENCES tenant,
  id                    uuid NOT NULL,
  url                   text NOT NULL CHECK (length(url) <= 2000),
  description           text NOT NULL DEFAULT '' CHECK (length(description) <= 200),
  -- Exact types, `loan.*`, or `*`.
  event_types           text[] NOT NULL CHECK (cardinality(event_types) BETWEEN 1 AND 50),
  state                 text NOT NULL DEFAULT 'enabled' CHECK (state IN ('enabled', 'disabled')),
  disabled_reason       text CHECK (disabled_reason IN ('asked', 'gone', 'failing')),
  disabled_at           timestamptz,
  -- Since when every delivery has failed.
  failing_since         timestamptz,
  secret                bytea NOT NULL,
  former_secret         bytea,
  former_secret_until   timestamptz,
  created_by            text NOT NULL,
  created_at            timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT webhook_endpoint_url UNIQUE (tenant_id, url),
  CHECK ((state = 'disabled') = (disabled_at IS NOT NULL) AND (state = 'disabled') = (disabled_reason IS NOT NULL)),
  CHECK ((former_secret IS NULL) = (former_secret_until IS NULL))
);
CALL keep_tenants_apart('webhook_endpoint');
GRANT SELECT, INSERT, UPDATE, DELETE ON webhook_endpoint TO kist_app;

-- Down Migration
