-- Up Migration

-- Somebody who need not wait has never been told to wait. Before, such a row said blocked_until = now(),
-- the start of the transaction that counted the try: a try that had begun an instant earlier and stood
-- behind it in the queue for the row read that as "not yet", and was turned away from one of its five.
CREATE OR REPLACE FUNCTION begin_login(given_email text)
  RETURNS TABLE (wait_s integer, tenant_id text, operator_id uuid, password_hash text)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE
  given_subject bytea := sha256(convert_to(given_email, 'UTF8'));
BEGIN
  DELETE FROM login_throttle WHERE subject IN (
    SELECT subject FROM login_throttle WHERE last_at < now() - interval '1 day'
    LIMIT 10 FOR UPDATE SKIP LOCKED);

  INSERT INTO login_throttle AS throttle VALUES (given_subject, 1, now(), '-infinity')
  ON CONFLICT (subject) DO UPDATE SET
    failures = throttle.failures + 1,
    last_at = now(),
    blocked_until = CASE WHEN throttle.failures + 1 < 5 THEN '-infinity'
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

-- Down Migration
