-- Up Migration

-- What a person does not want may be less than everything: what the law has a lender tell goes out all the same.
ALTER TABLE notification_suppression
  ADD COLUMN id uuid NOT NULL DEFAULT uuidv7(),
  ADD COLUMN stops text NOT NULL DEFAULT 'everything'
    CHECK (stops IN ('marketing', 'all-but-transactional', 'everything')),
  ADD CONSTRAINT notification_suppression_id UNIQUE (tenant_id, id);
GRANT UPDATE (reason, detail, since, stops) ON notification_suppression TO kist_app;

-- When a message was last begun to be sent: what counts against the caps of a recipient.
ALTER TABLE notification_message ADD COLUMN counted_at timestamptz NOT NULL DEFAULT now();
ALTER TABLE notification_message ALTER COLUMN counted_at DROP DEFAULT;
DROP INDEX notification_message_recipient;
CREATE INDEX notification_message_recipient ON notification_message (tenant_id, recipient, counted_at);

-- Reminders that wait for others, and those that went out within one message.
CREATE TABLE notification_gathering (
  tenant_id   text NOT NULL,
  job_id      uuid NOT NULL,
  -- From when it waits, by the business clock.
  since       timestamptz NOT NULL,
  -- The message that lists it, as what, and about which loan.
  message_id  uuid,
  item        jsonb,
  about       jsonb,
  -- It was no longer true when the message was tried again, and was struck from it.
  struck      boolean NOT NULL DEFAULT false,
  PRIMARY KEY (tenant_id, job_id),
  CHECK ((message_id IS NULL) = (item IS NULL))
);
CALL keep_tenants_apart('notification_gathering');
GRANT SELECT, INSERT, UPDATE ON notification_gathering TO kist_app;
CREATE INDEX notification_gathered ON notification_gathering (tenant_id, message_id) WHERE message_id IS NOT NULL;

-- Down Migration
