-- Up Migration

-- What a tenant has chosen for itself, by name; each name's schema, with its defaults, is where it is read.
CREATE TABLE tenant_setting (
  tenant_id   text NOT NULL REFERENCES tenant,
  name        text NOT NULL CHECK (name ~ '^[a-z][a-z0-9-]{0,49}$'),
  value       jsonb NOT NULL,
  changed_by  text NOT NULL,
  changed_at  timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, name)
);
CALL keep_tenants_apart('tenant_setting');
GRANT SELECT, INSERT, UPDATE ON tenant_setting TO kist_app;

-- What somebody proposes that others must agree to (src/identity/approvals.ts). The application may move the
-- state, and nothing else: what was proposed stays as it was.
CREATE TABLE approval (
  tenant_id     text NOT NULL REFERENCES tenant,
  id            uuid NOT NULL DEFAULT uuidv7(),
  action        text NOT NULL,
  payload       jsonb NOT NULL,
  -- SHA-256 of the canonical JSON of {action, payload, tenant}.
  payload_hash  bytea NOT NULL CHECK (octet_length(payload_hash) = 32),
  reason        text,
  amount        numeric,
  -- How many must approve, besides the one who proposed.
  quorum        smallint NOT NULL CHECK (quorum BETWEEN 1 AND 10),
  proposed_by   text NOT NULL,
  -- By the business clock, as ended_at and voted_at.
  proposed_at   timestamptz NOT NULL,
  expires_at    timestamptz NOT NULL CHECK (expires_at > proposed_at),
  state         text NOT NULL DEFAULT 'proposed'
                CHECK (state IN ('proposed', 'applied', 'refused', 'rejected', 'expired', 'withdrawn')),
  ended_at      timestamptz,
  -- What applying it made, or why it could not be applied.
  result        jsonb,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT approval_as_proposed UNIQUE (tenant_id, id, proposed_by, payload_hash),
  CONSTRAINT approval_ended CHECK ((state = 'proposed') = (ended_at IS NULL))
);
CALL keep_tenants_apart('approval');
-- The same thing is proposed once at a time.
CREATE UNIQUE INDEX approval_standing ON approval (tenant_id, action, payload_hash) WHERE state = 'proposed';
CREATE INDEX approval_expiring ON approval (tenant_id, expires_at) WHERE state = 'proposed';
GRANT SELECT, INSERT, UPDATE (state, ended_at, result) ON approval TO kist_app;

-- One word of one person. The keys make it a word about exactly what was proposed, by somebody else.
CREATE TABLE approval_vote (
  tenant_id     text NOT NULL,
  approval_id   uuid NOT NULL,
  voter         text NOT NULL,
  verdict       text NOT NULL CHECK (verdict IN ('approve', 'reject')),
  payload_hash  bytea NOT NULL,
  proposed_by   text NOT NULL,
  reason        text,
  voted_at      timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, approval_id, voter),
  CONSTRAINT vote_on_what_was_proposed FOREIGN KEY (tenant_id, approval_id, proposed_by, payload_hash)
    REFERENCES approval (tenant_id, id, proposed_by, payload_hash),
  CONSTRAINT vote_of_another CHECK (voter <> proposed_by)
);
CALL keep_tenants_apart('approval_vote');
CALL make_append_only('approval_vote');
GRANT SELECT, INSERT ON approval_vote TO kist_app;

-- Whatever the application believes: what ended stays ended, and nothing is applied without its quorum.
CREATE FUNCTION guard_approval() RETURNS trigger
  LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state <> 'proposed' THEN
    RAISE EXCEPTION 'approval % is % for good', OLD.id, OLD.state USING ERRCODE = 'KI030';
  END IF;
  IF NEW.state = 'applied' AND NEW.quorum > (
    SELECT count(*) FROM approval_vote v
    WHERE v.tenant_id = NEW.tenant_id AND v.approval_id = NEW.id AND v.verdict = 'approve'
  ) THEN
    RAISE EXCEPTION 'approval % lacks its quorum of %', NEW.id, NEW.quorum USING ERRCODE = 'KI030';
  END IF;
  RETURN NEW;
END
$$;
CREATE TRIGGER guard_approval BEFORE UPDATE ON approval FOR EACH ROW EXECUTE FUNCTION guard_approval();

-- Down Migration
