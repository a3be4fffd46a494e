-- Up Migration

-- The people who run the installation. They see the board and may act for every tenant.
SELECT set_config('kist.tenant', 'platform', true);
INSERT INTO tenant (tenant_id, name) VALUES ('platform', 'The platform');
SELECT set_config('kist.tenant', '', true);

-- Every tenant, for the screens and commands of the platform's own people.
CREATE FUNCTION list_tenants() RETURNS SETOF tenant
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT * FROM tenant ORDER BY tenant_id
$$;

-- Programs that hand in work. Their tokens are signed with keys of theirs; only public ones are here.
CREATE TABLE service (
  tenant_id    text NOT NULL REFERENCES tenant,
  name         text NOT NULL CHECK (name ~ '^[a-z][a-z0-9-]{0,62}$'),
  scopes       text[] NOT NULL,
  jwks         jsonb,
  jwks_url     text,
  created_at   timestamptz NOT NULL DEFAULT now(),
  disabled_at  timestamptz,
  PRIMARY KEY (tenant_id, name),
  CONSTRAINT service_keys CHECK (num_nonnulls(jwks, jwks_url) = 1)
);
CALL keep_tenants_apart('service');
GRANT SELECT, INSERT, UPDATE ON service TO kist_app;

-- People. The e-mail address is unique over all tenants, since it alone says at login who somebody is.
CREATE TABLE operator (
  tenant_id      text NOT NULL REFERENCES tenant,
  id             uuid NOT NULL DEFAULT uuidv7(),
  email          text NOT NULL CHECK (email = lower(email) AND email ~ '^[^@\s]+@[^@\s]+$' AND length(email) <= 254),
  name           text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  role           text NOT NULL CHECK (role IN ('viewer', 'operator', 'approver', 'admin')),
  password_hash  text NOT NULL CHECK (password_hash LIKE '$argon2id$%'),
  created_at     timestamptz NOT NULL DEFAULT now(),
  locked_at      timestamptz,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT operator_email UNIQUE (email)
);
CALL keep_tenants_apart('operator');
CREATE POLICY every_tenant ON operator FOR SELECT TO kist_identity USING (true);
-- FOR SHARE below needs UPDATE on a column; no statement of kist_identity changes one.
CREATE POLICY lock_row ON operator FOR UPDATE TO kist_identity USING (true);
GRANT SELECT, UPDATE (locked_at) ON operator TO kist_identity;
GRANT SELECT (tenant_id, id, email, name, role, created_at, locked_at),
      INSERT,
      UPDATE (name, role, password_hash, locked_at)
  ON operator TO kist_app;

-- One login on one browser. Only a hash of the cookie's token is kept.
CREATE TABLE session (
  tenant_id     text NOT NULL,
  id            uuid NOT NULL DEFAULT uuidv7(),
  operator_id   uuid NOT NULL,
  token_hash    bytea NOT NULL,
  created_at    timestamptz NOT NULL DEFAULT now(),
  last_seen_at  timestamptz NOT NULL DEFAULT now(),
  expires_at    timestamptz NOT NULL,
  client_ip     inet,
  user_agent    text,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT session_token UNIQUE (token_hash),
  CONSTRAINT session_operator FOREIGN KEY (tenant_id, operator_id) REFERENCES operator (tenant_id, id)
);
CREATE INDEX session_of_operator ON session (tenant_id, operator_id);
CALL keep_tenants_apart('session');
CREATE POLICY every_tenant ON session TO kist_identity USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON session TO kist_identity;
GRANT SELECT (tenant_id, id, operator_id, created_at, last_seen_at, expires_at, client_ip, user_agent),
      DELETE
  ON session TO kist_app;

-- Failed logins by a hash of the e-mail address given, whether or not somebody has it: so that an
-- unknown address is slowed down just like a known one.
CREATE TABLE login_throttle (
  subject        bytea PRIMARY KEY,
  failures       integer NOT NULL,
  last_at        timestamptz NOT NULL,
  blocked_until  timestamptz NOT NULL
);
CREATE INDEX login_throttle_age ON login_throttle (last_at);
ALTER TABLE login_throttle ENABLE ROW LEVEL SECURITY;
ALTER TABLE login_throttle FORCE ROW LEVEL SECURITY;
CREATE POLICY identity_only ON login_throttle TO kist_identity USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON login_throttle TO kist_identity;

-- What a login is checked against. Each try is counted as failed before the password is looked at, so
-- that many tries at once get no further than one after the other. From the fifth on in a row the next
-- must wait, twice as long each time, up to 15 minutes; a day without a try forgets them.
CREATE FUNCTION begin_login(given_email text)
  RETURNS TABLE (wait_s integer, tenant_id text, operator_id uuid, password_hash text)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE
  given_subject bytea := sha256(convert_to(given_email, 'UTF8'));
BEGIN
  DELETE FROM login_throttle WHERE subject IN (
    SELECT subject FROM login_throttle WHERE last_at < now() - interval '1 day'
    LIMIT 10 FOR UPDATE SKIP LOCKED);

  INSERT INTO login_throttle AS throttle VALUES (given_subject, 1, now(), now())
  ON CONFLICT (subject) DO UPDATE SET
    failures = throttle.failures + 1,
    last_at = now(),
    blocked_until = CASE WHEN throttle.failures + 1 < 5 THEN now()
      ELSE now() + least(900, 2 ^ least(throttle.failures - 4, 10)) * interval '1 second' END
  WHERE throttle.blocked_until <= now();

  IF NOT FOUND THEN
    RETURN QUERY SELECT greatest(1, ceil(extract(epoch FROM blocked_until - now())))::integer,
                        NULL::text, NULL::uuid, NULL::text
      FROM login_throttle WHERE subject = given_subject;
    RETURN;
  END IF;

  RETURN QUERY SELECT 0, found.tenant_id, found.id, found.password_hash
    FROM (SELECT) AS always LEFT JOIN operator AS found ON found.email = given_email;
END
$$;

-- Opens a session for somebody whose password was right, unless locked, and forgets the failed tries.
-- Ends the operator's sessions that are over, and the oldest beyond twenty.
CREATE FUNCTION open_session(given_operator uuid, given_token_hash bytea, lifetime_s integer,
                             given_ip inet, given_user_agent text) RETURNS boolean
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  person operator;
BEGIN
  SELECT * INTO person FROM operator
    WHERE tenant_id = current_tenant() AND id = given_operator AND locked_at IS NULL FOR SHARE;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  DELETE FROM session WHERE tenant_id = person.tenant_id AND operator_id = person.id AND (
    expires_at <= now() OR id IN (
      SELECT id FROM session WHERE tenant_id = person.tenant_id AND operator_id = person.id
      ORDER BY id DESC OFFSET 19));
  INSERT INTO session (tenant_id, operator_id, token_hash, expires_at, client_ip, user_agent)
    VALUES (person.tenant_id, person.id, given_token_hash,
            now() + lifetime_s * interval '1 second', given_ip, given_user_agent);
  DELETE FROM login_throttle WHERE subject = sha256(convert_to(person.email, 'UTF8'));
  RETURN true;
END
$$;

-- Whose session it is, if it still is one. Asked on every request, by one index; writes at most once a
-- minute, to keep the idle time.
CREATE FUNCTION find_session(given_token_hash bytea, idle_s integer)
  RETURNS TABLE (tenant_id text, operator_id uuid, email text, name text, role text,
                 created_at timestamptz, expires_at timestamptz)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE
  found_session session;
BEGIN
  SELECT * INTO found_session FROM session
    WHERE token_hash = given_token_hash
      AND expires_at > now() AND last_seen_at > now() - idle_s * interval '1 second';
  IF NOT FOUND THEN
    RETURN;
  END IF;
  IF found_session.last_seen_at < now() - interval '1 minute' THEN
    UPDATE session SET last_seen_at = now() WHERE token_hash = given_token_hash;
  END IF;
  RETURN QUERY
    SELECT person.tenant_id, person.id, person.email, person.name, person.role,
           found_session.created_at, found_session.expires_at
    FROM operator AS person
    WHERE person.tenant_id = found_session.tenant_id AND person.id = found_session.operator_id
      AND person.locked_at IS NULL;
END
$$;

CREATE FUNCTION close_session(given_token_hash bytea) RETURNS void
  LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  DELETE FROM session WHERE token_hash = given_token_hash
$$;

-- They act as kist_identity, which sees what they need of every tenant; the application may only call them.
GRANT CREATE ON SCHEMA public TO kist_identity;
ALTER FUNCTION list_tenants OWNER TO kist_identity;
ALTER FUNCTION begin_login OWNER TO kist_identity;
ALTER FUNCTION open_session OWNER TO kist_identity;
ALTER FUNCTION find_session OWNER TO kist_identity;
ALTER FUNCTION close_session OWNER TO kist_identity;
REVOKE CREATE ON SCHEMA public FROM kist_identity;
REVOKE ALL ON FUNCTION list_tenants, begin_login, open_session, find_session, close_session FROM PUBLIC;
GRANT EXECUTE ON FUNCTION list_tenants, begin_login, open_session, find_session, close_session TO kist_app;

-- Every action: who, from where, what with (redacted), how long, how it ended. On the path of every
-- job, so no index but the key; ids are in order of time.
CREATE TABLE audit (
  tenant_id    text NOT NULL,
  id           uuid NOT NULL DEFAULT uuidv7(),
  at           timestamptz NOT NULL DEFAULT now(),
  actor_kind   text NOT NULL CHECK (actor_kind IN ('service', 'operator', 'system')),
  actor        text NOT NULL,
  client_ip    inet,
  action       text NOT NULL,
  subject      text,
  arguments    jsonb,
  duration_ms  numeric(12, 3) NOT NULL,
  outcome      text NOT NULL CHECK (outcome IN ('SUCCESS', 'FAILED')),
  error_code   text,
  request_id   text,
  PRIMARY KEY (tenant_id, id)
);
CALL keep_tenants_apart('audit');
CALL make_append_only('audit');
GRANT SELECT, INSERT ON audit TO kist_app;

-- Down Migration
