-- Up Migration

-- A tenant's account with a provider of a channel, and in which order providers are tried. The credentials are
-- sealed whole (src/secrets); `shown` is what of them may be seen.
CREATE TABLE notification_provider (
  tenant_id    text NOT NULL REFERENCES tenant,
  channel      text NOT NULL CHECK (channel IN ('email', 'sms', 'push')),
  provider     text NOT NULL,
  place        smallint NOT NULL DEFAULT 1 CHECK (place BETWEEN 1 AND 9),
  state        text NOT NULL DEFAULT 'enabled' CHECK (state IN ('enabled', 'disabled')),
  credentials  bytea NOT NULL,
  shown        jsonb NOT NULL,
  -- Raised by every change: connections made with an older one are let go of.
  version      integer NOT NULL DEFAULT 1,
  updated_by   text NOT NULL,
  updated_at   timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, channel, provider)
);
CALL keep_tenants_apart('notification_provider');
GRANT SELECT, INSERT, UPDATE, DELETE ON notification_provider TO kist_app;

-- How a tenant's messages of a channel are sent; what is not said is the default (src/notifications/policy.ts).
CREATE TABLE notification_policy (
  tenant_id   text NOT NULL REFERENCES tenant,
  channel     text NOT NULL CHECK (channel IN ('email', 'sms', 'push')),
  settings    jsonb NOT NULL,
  updated_by  text NOT NULL,
  updated_at  timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, channel)
);
CALL keep_tenants_apart('notification_policy');
GRANT SELECT, INSERT, UPDATE ON notification_policy TO kist_app;

-- A tenant's lane of a channel that is held: nothing is sent by it until somebody opens it again.
CREATE TABLE notification_lane_hold (
  tenant_id  text NOT NULL REFERENCES tenant,
  channel    text NOT NULL CHECK (channel IN ('email', 'sms', 'push')),
  code       text NOT NULL,
  message    text NOT NULL,
  held_by    text NOT NULL,
  held_at    timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, channel)
);
CALL keep_tenants_apart('notification_lane_hold');
GRANT SELECT, INSERT, DELETE ON notification_lane_hold TO kist_app;
CREATE POLICY every_tenant ON notification_lane_hold FOR SELECT TO kist_carrier USING (true);
GRANT SELECT (tenant_id, channel) ON notification_lane_hold TO kist_carrier;
-- What waits for a lane to be opened, and what was let out of one.
CREATE INDEX job_of_held_lane ON job (tenant_id, kind, run_at) WHERE code = 'lane-held' AND state IN ('held', 'pending');

-- One message to one address by one channel: the job of the same id sends it. The moves are told in
-- src/notifications/sending/states.ts.
CREATE TABLE notification_message (
  tenant_id         text NOT NULL,
  id                uuid NOT NULL,
  notification_id   uuid NOT NULL,
  channel           text NOT NULL CHECK (channel IN ('email', 'sms', 'push')),
  state             text NOT NULL DEFAULT 'sending'
                    CHECK (state IN ('sending', 'sent', 'delivered', 'bounced', 'failed', 'stopped')),
  code              text,
  -- Whom it is to, as the lender calls the person, or else a digest of the address.
  recipient         text NOT NULL,
  address           text NOT NULL,
  category          text NOT NULL,
  template          text,
  template_version  integer,
  locale            text,
  content           jsonb NOT NULL,
  -- SHA-256 of the canonical content: what was sent, provable without keeping more of it.
  content_hash      bytea NOT NULL,
  loan_id           uuid,
  provider          text,
  provider_id       text,
  -- How often it was put off after a failure.
  tries             smallint NOT NULL DEFAULT 0,
  created_at        timestamptz NOT NULL,
  sent_at           timestamptz,
  settled_at        timestamptz,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT notification_message_channel UNIQUE (tenant_id, notification_id, channel)
);
CALL keep_tenants_apart('notification_message');
GRANT SELECT, INSERT, UPDATE ON notification_message TO kist_app;
CREATE INDEX notification_message_at_provider ON notification_message (tenant_id, provider, provider_id)
  WHERE provider_id IS NOT NULL;
CREATE INDEX notification_message_recipient ON notification_message (tenant_id, recipient, channel, created_at);

-- Every try to send a message. One without an end was cut off: nobody knows whether it was sent.
CREATE TABLE notification_attempt (
  tenant_id   text NOT NULL,
  message_id  uuid NOT NULL,
  number      smallint NOT NULL,
  provider    text NOT NULL,
  began_at    timestamptz NOT NULL,
  ended_at    timestamptz,
  outcome     text CHECK (outcome IN ('sent', 'again', 'unknown', 'rejected', 'dead-address', 'locked-out')),
  code        text,
  message     text,
  PRIMARY KEY (tenant_id, message_id, number),
  CHECK ((ended_at IS NULL) = (outcome IS NULL))
);
CALL keep_tenants_apart('notification_attempt');
GRANT SELECT, INSERT, UPDATE ON notification_attempt TO kist_app;

-- Addresses to which nothing more is sent by a channel: dead ones, and those of people who do not want it.
CREATE TABLE notification_suppression (
  tenant_id  text NOT NULL REFERENCES tenant,
  channel    text NOT NULL CHECK (channel IN ('email', 'sms', 'push')),
  address    text NOT NULL,
  reason     text NOT NULL CHECK (reason IN ('dead-address', 'bounced', 'spam', 'opted-out', 'asked')),
  detail     text,
  since      timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, channel, address)
);
CALL keep_tenants_apart('notification_suppression');
GRANT SELECT, INSERT, DELETE ON notification_suppression TO kist_app;

-- Down Migration
