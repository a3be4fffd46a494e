-- Up Migration

-- A tenant's own wording of what it sends, by name and locale. A change is a new version; a message names the one
-- it was written from. Those that every tenant has stand in src/notifications/templates/built-in/.
CREATE TABLE notification_template (
  tenant_id  text NOT NULL REFERENCES tenant,
  name       text NOT NULL CHECK (name ~ '^[a-z][a-z0-9-]{0,62}$'),
  locale     text NOT NULL CHECK (locale ~ '^[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?$'),
  version    integer NOT NULL CHECK (version > 0),
  category   text NOT NULL CHECK (category IN ('transactional', 'reminder', 'marketing')),
  -- By channel; every text is Liquid (src/notifications/templates/parts.ts).
  parts      jsonb NOT NULL,
  -- What it is filled with, told to those who send by it; null where nobody told.
  variables  jsonb,
  made_by    text NOT NULL,
  made_at    timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, name, locale, version)
);
CALL keep_tenants_apart('notification_template');
CALL make_append_only('notification_template');
GRANT SELECT, INSERT ON notification_template TO kist_app;

-- Down Migration
