-- Up Migration

-- Kinds of job inside Kist that are told of events, as endpoints outside are: one job for each event of these
-- types (src/events/listeners.ts).
CREATE TABLE event_listener (
  tenant_id    text NOT NULL REFERENCES tenant,
  name         text NOT NULL CHECK (name ~ '^[a-z][a-z0-9-]{0,62}$'),
  kind         text NOT NULL,
  -- Exact types, `loan.*`, or `*`.
  event_types  text[] NOT NULL CHECK (cardinality(event_types) BETWEEN 1 AND 50),
  PRIMARY KEY (tenant_id, name)
);
CALL keep_tenants_apart('event_listener');
GRANT SELECT, INSERT, UPDATE, DELETE ON event_listener TO kist_app;

-- Who is told what, by which channels, when something happens to a loan (src/notifications/notices/rules.ts).
CREATE TABLE notice_rule (
  tenant_id   text NOT NULL REFERENCES tenant,
  name        text NOT NULL CHECK (name ~ '^[a-z][a-z0-9-]{0,62}$'),
  event_type  text NOT NULL,
  -- Of reminders: on which side of its due date the instalment is when the notice is read.
  moment      text CHECK (moment IN ('before-due', 'on-due', 'after-due')),
  template    text NOT NULL,
  channels    text[] NOT NULL CHECK (cardinality(channels) BETWEEN 1 AND 3
                                     AND channels <@ ARRAY['email', 'sms', 'push']),
  category    text NOT NULL CHECK (category IN ('transactional', 'reminder', 'marketing')),
  state       text NOT NULL DEFAULT 'enabled' CHECK (state IN ('enabled', 'disabled')),
  changed_by  text NOT NULL,
  changed_at  timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, name)
);
CALL keep_tenants_apart('notice_rule');
GRANT SELECT, INSERT, UPDATE, DELETE ON notice_rule TO kist_app;

-- How a borrower is reached besides the telephone, and in which language.
ALTER TABLE borrower
  ADD COLUMN email text CHECK (length(email) <= 254),
  ADD COLUMN locale text CHECK (locale ~ '^[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?$'),
  ADD COLUMN time_zone text CHECK (length(time_zone) <= 100);

-- The borrower's app on a telephone, as Firebase names it. It is whoever's logged in last.
CREATE TABLE borrower_device (
  tenant_id    text NOT NULL,
  token        text NOT NULL CHECK (length(token) <= 1000),
  borrower_id  uuid NOT NULL,
  added_at     timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, token)
);
CALL keep_tenants_apart('borrower_device');
CREATE INDEX borrower_device_of ON borrower_device (tenant_id, borrower_id, added_at);
GRANT SELECT, INSERT, UPDATE, DELETE ON borrower_device TO kist_app;

-- Down Migration
