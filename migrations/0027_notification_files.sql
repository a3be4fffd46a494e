-- Up Migration

-- What went with a message at a try, as [{name, type, size_bytes, sha256}], written before the provider is asked.
-- Null: of a try from before this was written down.
ALTER TABLE notification_attempt ADD COLUMN files jsonb;
ALTER TABLE notification_attempt ALTER COLUMN files SET DEFAULT '[]';

-- Down Migration
