-- Up Migration

-- What a product leaves to choice (src/loans/product-rules.ts), as it was when the version was made.
ALTER TABLE product ADD COLUMN rules jsonb NOT NULL DEFAULT '{}';

-- Down Migration
