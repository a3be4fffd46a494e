-- Up Migration

-- A version without words takes the wording back: from then on the next of the fallback order counts.
ALTER TABLE notification_template
  ALTER COLUMN category DROP NOT NULL,
  ALTER COLUMN parts DROP NOT NULL,
  ADD CHECK ((category IS NULL) = (parts IS NULL) AND (parts IS NOT NULL OR variables IS NULL));

-- Down Migration
