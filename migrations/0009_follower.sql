-- Up Migration

-- What goes on behind the books: journals wait here, as they were posted, until the followers (src/following)
-- have had them. One row holds what one call posted. The number is drawn while that call holds its streams'
-- locks, so a stream's journals stand here in their order, and who reads the rows that are committed never
-- sees a later one of a stream without the earlier: a checkpoint that cannot skip a late commit, and posting
-- waits for no follower. A row that followers cannot digest waits until not_before and lets the others pass.
CREATE TABLE unfollowed (
  tenant_id   text NOT NULL,
  number      bigint GENERATED ALWAYS AS IDENTITY,
  journals    uuid[] NOT NULL,
  posted_at   timestamptz NOT NULL DEFAULT now(),
  failures    integer NOT NULL DEFAULT 0,
  not_before  timestamptz NOT NULL DEFAULT '-infinity',
  error       text,
  PRIMARY KEY (tenant_id, number)
) WITH (autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_scale_factor = 0);
CALL keep_tenants_apart('unfollowed');
CREATE POLICY every_tenant ON unfollowed FOR SELECT TO kist_carrier USING (true);
GRANT INSERT ON unfollowed TO kist_books;
GRANT SELECT, DELETE, UPDATE (failures, not_before, error) ON unfollowed TO kist_app;
GRANT SELECT ON unfollowed TO kist_carrier;

CREATE FUNCTION leave_to_followers() RETURNS trigger
  LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO unfollowed (tenant_id, journals) SELECT tenant_id, array_agg(id) FROM inserted GROUP BY tenant_id;
  RETURN NULL;
END
$$;
CREATE TRIGGER followed AFTER INSERT ON journal
  REFERENCING NEW TABLE AS inserted
  FOR EACH STATEMENT EXECUTE FUNCTION leave_to_followers();

-- Money may come into a frozen account; none leaves it.
ALTER TABLE account
  ADD COLUMN frozen_at   timestamptz,
  ADD COLUMN frozen_for  text,
  ADD CONSTRAINT account_frozen CHECK ((frozen_at IS NULL) = (frozen_for IS NULL) AND (frozen_at IS NULL OR keeps_balance));
GRANT UPDATE (frozen_at, frozen_for) ON account TO kist_books;

-- Freezes those of the accounts that keep a balance and are not frozen yet, and answers them. Locks are
-- taken as post_journals takes them.
CREATE FUNCTION freeze_accounts(accounts uuid[], frozen_at timestamptz, frozen_for text) RETURNS SETOF uuid
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
BEGIN
  PERFORM FROM account WHERE tenant_id = current_tenant() AND id = ANY (accounts) ORDER BY id FOR NO KEY UPDATE;
  RETURN QUERY
  UPDATE account SET frozen_at = freeze_accounts.frozen_at, frozen_for = freeze_accounts.frozen_for
  WHERE tenant_id = current_tenant() AND id = ANY (accounts) AND keeps_balance AND frozen_at IS NULL
  RETURNING id;
END
$$;

-- Answers those that were frozen until now.
CREATE FUNCTION unfreeze_accounts(accounts uuid[]) RETURNS SETOF uuid
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM FROM account WHERE tenant_id = current_tenant() AND id = ANY (accounts) ORDER BY id FOR NO KEY UPDATE;
  RETURN QUERY
  UPDATE account SET frozen_at = NULL, frozen_for = NULL
  WHERE tenant_id = current_tenant() AND id = ANY (accounts) AND frozen_at IS NOT NULL
  RETURNING id;
END
$$;

-- The sequential half of admission, for calls in which not every draft may be posted: decides draft by
-- draft, in the order given, over balances that the caller has locked. A refused draft moves nothing, so
-- a later one may still find the money; a key counts as used only by a draft that is posted.
-- Answers one row a draft: posted, duplicate (journal: the earlier one), insufficient-funds (account), or
-- account-frozen (account). What falls on a frozen account is refused, but for a reversal: what was booked
-- wrongly must be put right whatever the account's state.
DROP FUNCTION admit_one_by_one(uuid[], text[], integer[], uuid[], text[], numeric[]);
CREATE FUNCTION admit_one_by_one(
  ids uuid[], keys text[], reverseds uuid[],
  entry_drafts integer[], entry_accounts uuid[], entry_directions text[], entry_amounts numeric[]
) RETURNS SETOF posting
  LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  tenant CONSTANT text := current_tenant();
  accounts uuid[];
  balances numeric[];
  mins numeric[];
  frozen boolean[];
  posted_keys text[] := '{}';
  posted_ids uuid[] := '{}';
  draft record;
  answer posting;
BEGIN
  SELECT array_agg(a.id), array_agg(a.balance), array_agg(a.balance_min), array_agg(a.frozen_at IS NOT NULL)
  INTO accounts, balances, mins, frozen
  FROM account a
  WHERE a.tenant_id = tenant AND a.id = ANY (entry_accounts) AND a.keeps_balance;

  FOR draft IN
    WITH movement AS (
      SELECT e.draft, array_position(accounts, a.id) AS place,
             sum(CASE WHEN (e.direction = 'debit') = a.debit_normal THEN e.amount ELSE -e.amount END) AS delta
      FROM unnest(entry_drafts, entry_accounts, entry_directions, entry_amounts)
             AS e(draft, account, direction, amount)
      JOIN account a ON a.tenant_id = tenant AND a.id = e.account AND a.keeps_balance
      GROUP BY e.draft, a.id
    )
    SELECT d.id, d.key, d.reverses, j.id AS earlier,
           array_agg(m.place ORDER BY m.place) FILTER (WHERE m.place IS NOT NULL) AS places,
           array_agg(m.delta ORDER BY m.place) FILTER (WHERE m.place IS NOT NULL) AS deltas
    FROM unnest(ids, keys, reverseds) WITH ORDINALITY AS d(id, key, reverses, number)
    LEFT JOIN journal j ON j.tenant_id = tenant AND j.key = d.key
    LEFT JOIN movement m ON m.draft = d.number
    GROUP BY d.number, d.id, d.key, d.reverses, j.id
    ORDER BY d.number
  LOOP
    answer := ROW('posted', draft.id, NULL, NULL, NULL);
    IF draft.earlier IS NOT NULL OR draft.key = ANY (posted_keys) THEN
      answer.status := 'duplicate';
      answer.journal := coalesce(draft.earlier, posted_ids[array_position(posted_keys, draft.key)]);
    ELSE
      FOR i IN 1 .. coalesce(cardinality(draft.places), 0) LOOP
        IF draft.deltas[i] < 0 AND frozen[draft.places[i]] AND draft.reverses IS NULL THEN
          answer := ROW('account-frozen', NULL, NULL, NULL, accounts[draft.places[i]]);
          EXIT;
        ELSIF draft.deltas[i] < 0 AND balances[draft.places[i]] + draft.deltas[i] < mins[draft.places[i]] THEN
          answer := ROW('insufficient-funds', NULL, NULL, NULL, accounts[draft.places[i]]);
          EXIT;
        END IF;
      END LOOP;
    END IF;
    IF answer.status = 'posted' THEN
      FOR i IN 1 .. coalesce(cardinality(draft.places), 0) LOOP
        balances[draft.places[i]] := balances[draft.places[i]] + draft.deltas[i];
      END LOOP;
      posted_keys := posted_keys || draft.key;
      posted_ids := posted_ids || draft.id;
    END IF;
    RETURN NEXT answer;
  END LOOP;
END
$$;

-- Posts journals: the only way into the books. One call takes 1 to 1,000 drafts as parallel arrays (an
-- entry names its draft by position) and answers one row a draft, in order. In this order:
--
--   1. streams     those that exist are locked, by id
--   2. accounts    those that keep a balance are locked, by id. Everyone takes locks in this order
--                  (streams before accounts, each by id), so crossing transfers wait, and never deadlock.
--                  Every statement below sees what was committed before the locks were had.
--   3. admission   Is every entry well formed, every key new, does nothing leave a frozen account, and
--                  does no balance pass its minimum when all drafts are applied in order? Then all are in.
--                  Else each is decided by itself (admit_one_by_one).
--   4. journals    numbered and hashed along their stream, inserted, and the heads moved, in one
--                  statement: nothing can be posted around the chain. A stream begins with its first
--                  journal; of calls that begin one at the same time, the later fail on journal_place, or
--                  (three of them, on accounts in common) in a deadlock that Postgres ends after a second,
--                  and are run again by their callers.
--   5. entries     inserted in one statement; its trigger refuses what does not balance.
--   6. balances    moved by the sum of each account's entries.
--
-- The canonical bytes of a journal are its fields and then those of its entries in line order, joined by
-- '|'. No two journals read the same: kind and key, which may hold any text, are preceded by their length
-- in octets; no other field can hold a '|' (a currency could, but is three octets always). Amounts are
-- without trailing zeros, instants in microseconds since 1970, an absent field is '-'.
--
-- Every lookup is a LATERAL subquery with LIMIT or FOR UPDATE: that leaves the planner no choice but to
-- probe the unique index for each draft or entry. As plain joins, planned once while the tables were
-- small, they read whole tables: 64 drafts took 40 to 100 ms in a new database, until its first ANALYZE.
--
-- Measured on 2 shared cores with fsync, 64 disbursals a call (64 new streams, 128 entries, 128 balances): 4.9 ms.
CREATE OR REPLACE FUNCTION post_journals(
  ids uuid[], streams uuid[], kinds text[], keys text[], business_dates date[], posted_ats timestamptz[],
  reverseds uuid[],
  entry_drafts integer[], entry_lines smallint[], entry_accounts uuid[], entry_directions text[],
  entry_amounts numeric[], entry_currencies text[]
) RETURNS SETOF posting
  LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = public, pg_temp
  SET plan_cache_mode = force_generic_plan
  SET enable_seqscan = off
  SET enable_bitmapscan = off
AS $$
DECLARE
  tenant CONSTANT text := current_tenant();
  drafts CONSTANT integer := cardinality(ids);
  entry_bodies text[];
  malformed boolean;
  all_admitted boolean;
  statuses text[];
  earlier uuid[];
  short uuid[];
BEGIN
  IF tenant IS NULL OR drafts NOT BETWEEN 1 AND 1000 OR cardinality(entry_drafts) > 100000 THEN
    RAISE EXCEPTION 'post_journals wants a tenant and 1 to 1000 drafts, not %', drafts USING ERRCODE = 'KI014';
  END IF;

  PERFORM FROM (SELECT DISTINCT unnest(streams) AS id ORDER BY id) AS wanted
  CROSS JOIN LATERAL (
    SELECT FROM stream s WHERE s.tenant_id = tenant AND s.id = wanted.id FOR NO KEY UPDATE) AS locked;
  PERFORM FROM (SELECT DISTINCT unnest(entry_accounts) AS id ORDER BY id) AS wanted
  CROSS JOIN LATERAL (
    SELECT FROM account a WHERE a.tenant_id = tenant AND a.id = wanted.id AND a.keeps_balance
    FOR NO KEY UPDATE) AS locked;

  SELECT array_agg(draft.body ORDER BY draft.number) FILTER (WHERE draft.number BETWEEN 1 AND drafts)
  INTO entry_bodies
  FROM (
    SELECT e.draft AS number,
           string_agg(concat_ws('|', e.line, e.account, e.direction, trim_scale(e.amount), e.currency),
                      '|' ORDER BY e.line) AS body
    FROM unnest(entry_drafts, entry_lines, entry_accounts, entry_directions, entry_amounts, entry_currencies)
           AS e(draft, line, account, direction, amount, currency)
    GROUP BY e.draft
  ) AS draft;

  SELECT bool_or(line.wrong) OR cardinality(entry_bodies) <> drafts,
         NOT bool_or(line.short)
           AND (SELECT count(DISTINCT key) FROM unnest(keys) AS key) = drafts
           AND NOT EXISTS (
             SELECT FROM unnest(keys) AS k(key) CROSS JOIN LATERAL (
               SELECT FROM journal j WHERE j.tenant_id = tenant AND j.key = k.key LIMIT 1) AS known)
  INTO malformed, all_admitted
  FROM (
    SELECT a.id IS NULL OR a.currency <> e.currency OR NOT (e.amount > 0 AND e.amount < 1e18) AS wrong,
           coalesce(a.keeps_balance AND delta < 0 AND (
             a.frozen_at IS NOT NULL
             OR a.balance + sum(delta) OVER (PARTITION BY a.id ORDER BY e.draft) < a.balance_min), false) AS short
    FROM unnest(entry_drafts, entry_accounts, entry_directions, entry_amounts, entry_currencies)
           AS e(draft, account, direction, amount, currency)
    LEFT JOIN LATERAL (SELECT * FROM account WHERE tenant_id = tenant AND id = e.account LIMIT 1) AS a ON true
    CROSS JOIN LATERAL (
      SELECT CASE WHEN (e.direction = 'debit') = a.debit_normal THEN e.amount ELSE -e.amount END AS delta
    ) AS signed
  ) AS line;
  IF malformed IS DISTINCT FROM false THEN
    PERFORM refuse_malformed(entry_drafts, entry_accounts, entry_amounts, entry_currencies);
  ELSIF all_admitted THEN
    statuses := array_fill('posted'::text, ARRAY[drafts]);
  ELSE
    SELECT array_agg(p.status), array_agg(p.journal), array_agg(p.account) INTO statuses, earlier, short
    FROM admit_one_by_one(ids, keys, reverseds, entry_drafts, entry_accounts, entry_directions, entry_amounts) AS p;
  END IF;

  WITH numbered AS (
    SELECT d.*, coalesce(s.head_hash, decode(repeat('00', 32), 'hex')) AS head_hash,
           coalesce(s.head_seq, 0) + row_number() OVER (PARTITION BY d.stream ORDER BY d.draft) AS seq
    FROM unnest(ids, streams, kinds, keys, business_dates, posted_ats, reverseds, statuses, entry_bodies)
           WITH ORDINALITY
           AS d(id, stream, kind, key, business_date, posted_at, reverses, status, entries, draft)
    LEFT JOIN LATERAL (
      SELECT * FROM stream WHERE tenant_id = tenant AND id = d.stream FOR NO KEY UPDATE) AS s ON true
    WHERE d.status = 'posted'
  ), chained AS (
    SELECT n.*,
           chain(n.head_hash, convert_to(
             concat_ws('|', 'kist-journal-1', tenant, n.stream, n.seq, n.id, to_char(n.business_date, 'YYYY-MM-DD'),
                       (extract(epoch FROM n.posted_at) * 1000000)::bigint, coalesce(n.reverses::text, '-'),
                       octet_length(n.kind), n.kind, octet_length(n.key), n.key, n.entries),
             'UTF8')) OVER (PARTITION BY n.stream ORDER BY n.seq) AS hash
    FROM numbered n
  ), linked AS (
    SELECT c.*, coalesce(lag(c.hash) OVER stream, c.head_hash) AS prev_hash,
           lead(c.seq) OVER stream IS NULL AS is_head
    FROM chained c
    WINDOW stream AS (PARTITION BY c.stream ORDER BY c.seq)
  ), inserted AS (
    INSERT INTO journal (tenant_id, id, stream_id, seq, kind, key, business_date, posted_at, reverses,
                         prev_hash, hash)
    SELECT tenant, id, stream, seq, kind, key, business_date, posted_at, reverses, prev_hash, hash FROM linked
  )
  INSERT INTO stream (tenant_id, id, head_seq, head_hash)
  SELECT tenant, stream, seq, hash FROM linked WHERE is_head
  ON CONFLICT (tenant_id, id) DO UPDATE SET head_seq = excluded.head_seq, head_hash = excluded.head_hash;

  INSERT INTO entry (tenant_id, journal_id, line, account_id, direction, amount, currency)
  SELECT tenant, ids[e.draft], e.line, e.account, e.direction, e.amount, e.currency
  FROM unnest(entry_drafts, entry_lines, entry_accounts, entry_directions, entry_amounts, entry_currencies)
         AS e(draft, line, account, direction, amount, currency)
  WHERE statuses[e.draft] = 'posted';

  UPDATE account a SET balance = a.balance + CASE WHEN a.debit_normal THEN moved.debit ELSE -moved.debit END
  FROM (
    SELECT e.account, sum(CASE e.direction WHEN 'debit' THEN e.amount ELSE -e.amount END) AS debit
    FROM unnest(entry_drafts, entry_accounts, entry_directions, entry_amounts)
           AS e(draft, account, direction, amount)
    WHERE statuses[e.draft] = 'posted'
    GROUP BY e.account
  ) AS moved
  CROSS JOIN LATERAL (
    SELECT ctid FROM account WHERE tenant_id = tenant AND id = moved.account AND keeps_balance LIMIT 1
  ) AS place
  WHERE a.ctid = place.ctid;

  RETURN QUERY
  SELECT statuses[d.draft], coalesce(earlier[d.draft], d.id), j.seq, j.hash, short[d.draft]
  FROM unnest(ids) WITH ORDINALITY AS d(id, draft)
  LEFT JOIN LATERAL (SELECT * FROM journal WHERE tenant_id = tenant AND id = d.id LIMIT 1) AS j
    ON statuses[d.draft] = 'posted'
  ORDER BY d.draft;
END
$$;

-- How far a borrower is to be trusted, moved by what happens in the books. The id is the borrower's, which is
-- the wallet's as well. `moves` is the number of the last move.
CREATE TABLE borrower_score (
  tenant_id    text NOT NULL,
  borrower_id  uuid NOT NULL,
  score        smallint NOT NULL CHECK (score BETWEEN 0 AND 1000),
  moves        integer NOT NULL DEFAULT 0,
  moved_at     timestamptz,
  PRIMARY KEY (tenant_id, borrower_id)
) WITH (fillfactor = 50);
CALL keep_tenants_apart('borrower_score');
GRANT SELECT, INSERT, UPDATE ON borrower_score TO kist_app;

-- Why a score is what it is. A cause (a journal, a missed due date) moves a score once.
CREATE TABLE score_move (
  tenant_id      text NOT NULL,
  borrower_id    uuid NOT NULL,
  number         integer NOT NULL CHECK (number > 0),
  cause          text NOT NULL,
  reason         text NOT NULL CHECK (reason IN ('repayment', 'deposit', 'missed-due', 'taken-back')),
  -- What the rules give, and what the limits left of it.
  points         smallint NOT NULL,
  moved          smallint NOT NULL,
  score          smallint NOT NULL,
  business_date  date NOT NULL,
  at             timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, borrower_id, number),
  CONSTRAINT score_move_cause UNIQUE (tenant_id, cause)
);
CALL keep_tenants_apart('score_move');
CALL make_append_only('score_move');
GRANT SELECT, INSERT ON score_move TO kist_app;

-- One burst of transactions on one account. `journal_id` is the transaction that was one too many.
CREATE TABLE fraud_alert (
  tenant_id     text NOT NULL,
  id            uuid NOT NULL,
  account_id    uuid NOT NULL,
  journal_id    uuid NOT NULL,
  transactions  integer NOT NULL,
  window_s      integer NOT NULL,
  since         timestamptz NOT NULL,
  at            timestamptz NOT NULL,
  froze         boolean NOT NULL,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT fraud_alert_burst UNIQUE (tenant_id, account_id, journal_id)
);
CALL keep_tenants_apart('fraud_alert');
CALL make_append_only('fraud_alert');
GRANT SELECT, INSERT ON fraud_alert TO kist_app;

-- Accounts that were alerted: how far the last burst reached, and up to when a person has looked at them.
CREATE TABLE fraud_watch (
  tenant_id   text NOT NULL,
  account_id  uuid NOT NULL,
  over_until  timestamptz NOT NULL DEFAULT '-infinity',
  cleared_at  timestamptz NOT NULL DEFAULT '-infinity',
  PRIMARY KEY (tenant_id, account_id)
);
CALL keep_tenants_apart('fraud_watch');
GRANT SELECT, INSERT, UPDATE ON fraud_watch TO kist_app;

CREATE INDEX loan_of_wallet ON loan (tenant_id, wallet_id, id);

GRANT CREATE ON SCHEMA public TO kist_books;
ALTER FUNCTION freeze_accounts OWNER TO kist_books;
ALTER FUNCTION unfreeze_accounts OWNER TO kist_books;
REVOKE CREATE ON SCHEMA public FROM kist_books;
REVOKE ALL ON FUNCTION freeze_accounts, unfreeze_accounts, admit_one_by_one FROM PUBLIC;
GRANT EXECUTE ON FUNCTION admit_one_by_one TO kist_books;
GRANT EXECUTE ON FUNCTION freeze_accounts, unfreeze_accounts TO kist_app;

-- Down Migration
