-- Up Migration

-- The books: double entry, append-only, hash-chained per stream, sealed. docs/internals.md tells how the
-- parts work together. Nobody writes here but functions owned by kist_books; row-level security is
-- forced for that role too, so the functions keep tenants apart like everyone else.

-- An account's balance is counted in its normal direction: debit for assets and expenses, credit for
-- liabilities and income. Customer accounts keep a balance, locked while it changes, which may not pass
-- its minimum. Busy control accounts (bank, income) keep none, so that no job waits for another there;
-- theirs is the snapshot of the last seal and the entries since (controlBalances).
CREATE TABLE account (
  tenant_id      text NOT NULL,
  id             uuid NOT NULL,
  code           text NOT NULL,
  name           text NOT NULL,
  type           text NOT NULL CHECK (type IN ('asset', 'liability', 'income', 'expense')),
  debit_normal   boolean NOT NULL GENERATED ALWAYS AS (type IN ('asset', 'expense')) STORED,
  currency       text NOT NULL CHECK (octet_length(currency) = 3),
  keeps_balance  boolean NOT NULL,
  balance        numeric NOT NULL DEFAULT 0,
  -- NULL: the balance may take any value.
  balance_min    numeric CHECK (balance_min < 'Infinity'),
  opened_at      timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT account_code UNIQUE (tenant_id, code),
  CONSTRAINT account_limit CHECK (keeps_balance OR (balance = 0 AND balance_min IS NULL))
) WITH (fillfactor = 50);
CALL keep_tenants_apart('account');
GRANT SELECT ON account TO kist_app;
GRANT SELECT, INSERT ON account TO kist_books;
GRANT UPDATE (balance) ON account TO kist_books;

-- The head of each chain: one stream a loan, a wallet. Journals up to sealed_seq are under a seal.
CREATE TABLE stream (
  tenant_id   text NOT NULL,
  id          uuid NOT NULL,
  head_seq    bigint NOT NULL DEFAULT 0,
  head_hash   bytea NOT NULL DEFAULT decode(repeat('00', 32), 'hex'),
  sealed_seq  bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (tenant_id, id),
  CHECK (sealed_seq BETWEEN 0 AND head_seq)
) WITH (fillfactor = 70);
CALL keep_tenants_apart('stream');
CREATE INDEX stream_unsealed ON stream (tenant_id, id) WHERE head_seq > sealed_seq;
GRANT SELECT ON stream TO kist_app;
GRANT SELECT, INSERT ON stream TO kist_books;
GRANT UPDATE (head_seq, head_hash, sealed_seq) ON stream TO kist_books;

-- One journal is one business event. hash = SHA-256(prev_hash ‖ canonical bytes), see post_journals.
CREATE TABLE journal (
  tenant_id      text NOT NULL,
  id             uuid NOT NULL,
  stream_id      uuid NOT NULL,
  seq            bigint NOT NULL CHECK (seq > 0),
  kind           text NOT NULL,
  -- Unique for ever: the second guard, behind the job's own key, against moving money twice.
  key            text NOT NULL,
  business_date  date NOT NULL,
  posted_at      timestamptz NOT NULL,
  reverses       uuid,
  prev_hash      bytea NOT NULL CHECK (octet_length(prev_hash) = 32),
  hash           bytea NOT NULL CHECK (octet_length(hash) = 32),
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT journal_place UNIQUE (tenant_id, stream_id, seq),
  CONSTRAINT journal_key UNIQUE (tenant_id, key)
);
CALL keep_tenants_apart('journal');
CALL make_append_only('journal');
-- A journal is reversed once.
CREATE UNIQUE INDEX journal_reverses ON journal (tenant_id, reverses) WHERE reverses IS NOT NULL;
GRANT SELECT ON journal TO kist_app;
GRANT SELECT, INSERT ON journal TO kist_books;

-- No foreign keys: post_journals writes a journal and its entries together and looks every account up, so
-- keys would only look them up once more, row by row. Verification checks both.
CREATE TABLE entry (
  tenant_id   text NOT NULL,
  journal_id  uuid NOT NULL,
  line        smallint NOT NULL CHECK (line > 0),
  account_id  uuid NOT NULL,
  direction   text NOT NULL CHECK (direction IN ('debit', 'credit')),
  -- NaN is greater than any number, hence the upper bound.
  amount      numeric NOT NULL CHECK (amount > 0 AND amount < 1e18),
  currency    text NOT NULL,
  PRIMARY KEY (tenant_id, journal_id, line)
);
CALL keep_tenants_apart('entry');
CALL make_append_only('entry');
CREATE INDEX entry_of_account ON entry (tenant_id, account_id, journal_id);
GRANT SELECT ON entry TO kist_app;
GRANT SELECT, INSERT ON entry TO kist_books;

-- Refuses, whoever inserts, a journal that does not balance in each of its currencies, and lines added
-- later to a journal that stands: a statement must bring every line of a journal, from the first on.
CREATE FUNCTION refuse_unbalanced() RETURNS trigger
  LANGUAGE plpgsql AS $$
DECLARE
  journal uuid;
BEGIN
  SELECT journal_id INTO journal
  FROM inserted
  GROUP BY tenant_id, journal_id, currency
  HAVING sum(CASE direction WHEN 'debit' THEN amount ELSE -amount END) <> 0
  LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'journal % does not balance', journal USING ERRCODE = 'KI010';
  END IF;
  SELECT journal_id INTO journal
  FROM inserted
  GROUP BY tenant_id, journal_id
  HAVING min(line) <> 1 OR max(line) <> count(*)
  LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'journal % must be written whole, lines 1 to n in one statement', journal
      USING ERRCODE = 'KI010';
  END IF;
  RETURN NULL;
END
$$;
CREATE TRIGGER balanced AFTER INSERT ON entry
  REFERENCING NEW TABLE AS inserted
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_unbalanced();

-- A seal is the root of a Merkle tree over the hashes of all journals since the seal before, chained to
-- that seal and signed outside the database (src/ledger/seal.ts).
CREATE TABLE seal (
  tenant_id      text NOT NULL,
  number         bigint NOT NULL CHECK (number > 0),
  cut_at         timestamptz NOT NULL,
  business_date  date NOT NULL,
  leaves         bigint NOT NULL CHECK (leaves > 0),
  root           bytea NOT NULL CHECK (octet_length(root) = 32),
  prev_hash      bytea NOT NULL CHECK (octet_length(prev_hash) = 32),
  hash           bytea NOT NULL CHECK (octet_length(hash) = 32),
  key_id         text NOT NULL,
  signature      bytea NOT NULL CHECK (octet_length(signature) = 64),
  PRIMARY KEY (tenant_id, number)
);
CALL keep_tenants_apart('seal');
CALL make_append_only('seal');
GRANT SELECT ON seal TO kist_app;
GRANT SELECT, INSERT ON seal TO kist_books;

-- Which journals a seal covers. Leaves are in the order of (stream, seq).
CREATE TABLE seal_range (
  tenant_id    text NOT NULL,
  seal_number  bigint NOT NULL,
  stream_id    uuid NOT NULL,
  from_seq     bigint NOT NULL,
  to_seq       bigint NOT NULL CHECK (to_seq >= from_seq),
  PRIMARY KEY (tenant_id, seal_number, stream_id),
  CONSTRAINT seal_range_place UNIQUE (tenant_id, stream_id, from_seq)
);
CALL keep_tenants_apart('seal_range');
CALL make_append_only('seal_range');
GRANT SELECT ON seal_range TO kist_app;
GRANT SELECT, INSERT ON seal_range TO kist_books;

-- Balances of control accounts over all journals under a seal; a row only where the seal changed it.
CREATE TABLE account_snapshot (
  tenant_id    text NOT NULL,
  account_id   uuid NOT NULL,
  seal_number  bigint NOT NULL,
  balance      numeric NOT NULL,
  PRIMARY KEY (tenant_id, account_id, seal_number)
);
CALL keep_tenants_apart('account_snapshot');
CALL make_append_only('account_snapshot');
GRANT SELECT ON account_snapshot TO kist_app;
GRANT SELECT, INSERT ON account_snapshot TO kist_books;

-- A wallet is its owner's; its money is the account of the same id, its history the stream of that id.
CREATE TABLE wallet (
  tenant_id  text NOT NULL,
  id         uuid NOT NULL,
  owner      text NOT NULL,
  currency   text NOT NULL,
  opened_at  timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id)
);
CALL keep_tenants_apart('wallet');
CREATE INDEX wallet_owner ON wallet (tenant_id, owner);
GRANT SELECT, INSERT ON wallet TO kist_app;

-- Opens accounts; one that stands already under the same id is left as it is.
CREATE FUNCTION open_accounts(
  ids uuid[], codes text[], names text[], types text[], currencies text[], keep_balances boolean[],
  balance_mins numeric[]
) RETURNS void
  LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
BEGIN ATOMIC
  INSERT INTO account (tenant_id, id, code, name, type, currency, keeps_balance, balance_min)
  SELECT current_tenant(), opening.*
  FROM unnest(ids, codes, names, types, currencies, keep_balances, balance_mins) AS opening
  ON CONFLICT (tenant_id, id) DO NOTHING;
END;

-- chain(head, body) OVER (PARTITION BY stream ORDER BY seq): each row's hash over the one before.
CREATE FUNCTION chain_next(state bytea, head bytea, body bytea) RETURNS bytea
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
  RETURN sha256(coalesce(state, head) || body);
END
$$;
CREATE AGGREGATE chain(head bytea, body bytea) (SFUNC = chain_next, STYPE = bytea);

CREATE TYPE posting AS (status text, journal uuid, seq bigint, hash bytea, account uuid);

-- The sequential half of admission, for calls in which not every draft may be posted: decides draft by
-- draft, in the order given, over balances that the caller has locked. A refused draft moves nothing, so
-- a later one may still find the money; a key counts as used only by a draft that is posted.
-- Answers one row a draft: posted, duplicate (journal: the earlier one), or insufficient-funds (account).
CREATE FUNCTION admit_one_by_one(
  ids uuid[], keys text[],
  entry_drafts integer[], entry_accounts uuid[], entry_directions text[], entry_amounts numeric[]
) RETURNS SETOF posting
  LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  tenant CONSTANT text := current_tenant();
  accounts uuid[];
  balances numeric[];
  mins numeric[];
  posted_keys text[] := '{}';
  posted_ids uuid[] := '{}';
  draft record;
  answer posting;
BEGIN
  SELECT array_agg(a.id), array_agg(a.balance), array_agg(a.balance_min) INTO accounts, balances, mins
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
    SELECT d.id, d.key, j.id AS earlier,
           array_agg(m.place ORDER BY m.place) FILTER (WHERE m.place IS NOT NULL) AS places,
           array_agg(m.delta ORDER BY m.place) FILTER (WHERE m.place IS NOT NULL) AS deltas
    FROM unnest(ids, keys) WITH ORDINALITY AS d(id, key, number)
    LEFT JOIN journal j ON j.tenant_id = tenant AND j.key = d.key
    LEFT JOIN movement m ON m.draft = d.number
    GROUP BY d.number, d.id, d.key, j.id
    ORDER BY d.number
  LOOP
    answer := ROW('posted', draft.id, NULL, NULL, NULL);
    IF draft.earlier IS NOT NULL OR draft.key = ANY (posted_keys) THEN
      answer.status := 'duplicate';
      answer.journal := coalesce(draft.earlier, posted_ids[array_position(posted_keys, draft.key)]);
    ELSE
      FOR i IN 1 .. coalesce(cardinality(draft.places), 0) LOOP
        IF draft.deltas[i] < 0 AND balances[draft.places[i]] + draft.deltas[i] < mins[draft.places[i]] THEN
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

-- Says what is wrong with the first draft that no book can hold.
CREATE FUNCTION refuse_malformed(
  entry_drafts integer[], entry_accounts uuid[], entry_amounts numeric[], entry_currencies text[]
) RETURNS void
  LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  line record;
BEGIN
  SELECT e.draft, e.account, e.amount, e.currency, a.id IS NOT NULL AS known, a.currency AS account_currency INTO line
  FROM unnest(entry_drafts, entry_accounts, entry_amounts, entry_currencies)
         AS e(draft, account, amount, currency)
  LEFT JOIN account a ON a.tenant_id = current_tenant() AND a.id = e.account
  WHERE a.id IS NULL OR a.currency <> e.currency OR NOT (e.amount > 0 AND e.amount < 1e18)
  ORDER BY e.draft
  LIMIT 1;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'every draft wants entries, and every entry a draft' USING ERRCODE = 'KI014';
  ELSIF NOT line.known THEN
    RAISE EXCEPTION 'draft %: there is no account %', line.draft, line.account USING ERRCODE = 'KI011';
  ELSIF line.account_currency <> line.currency THEN
    RAISE EXCEPTION 'draft %: account % is kept in %, not in %',
      line.draft, line.account, line.account_currency, line.currency USING ERRCODE = 'KI012';
  END IF;
  RAISE EXCEPTION 'draft %: % is not an amount', line.draft, line.amount USING ERRCODE = 'KI013';
END
$$;

-- Posts journals: the only way into the books. One call takes 1 to 1,000 drafts as parallel arrays (an
-- entry names its draft by position) and answers one row a draft, in order. In this order:
--
--   1. streams     those that exist are locked, by id
--   2. accounts    those that keep a balance are locked, by id. Everyone takes locks in this order
--                  (streams before accounts, each by id), so crossing transfers wait, and never deadlock.
--                  Every statement below sees what was committed before the locks were had.
--   3. admission   Is every entry well formed, every key new, and does no balance pass its minimum when
--                  all drafts are applied in order? Then all are in. Else each is decided by itself
--                  (admit_one_by_one).
--   4. journals    numbered and hashed along their stream, inserted, and the heads moved, in one
--                  statement: nothing can be posted around the chain. A stream begins with its first
--                  journal; of two calls that begin one at the same time, the later fails on journal_place
--                  and is run again by its caller.
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
CREATE FUNCTION post_journals(
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
           coalesce(a.keeps_balance AND delta < 0
             AND a.balance + sum(delta) OVER (PARTITION BY a.id ORDER BY e.draft) < a.balance_min, false) AS short
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
    FROM admit_one_by_one(ids, keys, entry_drafts, entry_accounts, entry_directions, entry_amounts) AS p;
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

-- Records a seal that src/ledger/seal.ts computed and signed, marks the journals under it, and writes the
-- balances of the control accounts it changed. Refuses one that does not follow from the seal before, or
-- whose ranges do not begin where each stream's sealed part ends. The streams are locked only here, not
-- while the root is computed, so that posting is not held up.
CREATE FUNCTION cut_seal(
  new_number bigint, cut_at timestamptz, business_date date, leaves bigint, root bytea, prev_hash bytea,
  hash bytea, key_id text, signature bytea, streams uuid[], from_seqs bigint[], to_seqs bigint[]
) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = public, pg_temp
  SET plan_cache_mode = force_custom_plan
AS $$
#variable_conflict use_column
DECLARE
  tenant CONSTANT text := current_tenant();
  last_number bigint;
  last_hash bytea;
  marked bigint;
BEGIN
  SELECT s.number, s.hash INTO last_number, last_hash
  FROM seal s WHERE s.tenant_id = tenant ORDER BY s.number DESC LIMIT 1;
  IF new_number <> coalesce(last_number, 0) + 1
     OR cut_seal.prev_hash <> coalesce(last_hash, decode(repeat('00', 32), 'hex')) THEN
    RAISE EXCEPTION 'seal % does not follow seal %', new_number, last_number USING ERRCODE = 'KI020';
  END IF;

  PERFORM FROM stream WHERE tenant_id = tenant AND id = ANY (streams) ORDER BY id FOR NO KEY UPDATE;
  WITH sealed AS (
    UPDATE stream s SET sealed_seq = r.to_seq
    FROM unnest(streams, from_seqs, to_seqs) AS r(stream, from_seq, to_seq)
    WHERE s.tenant_id = tenant AND s.id = r.stream
      AND s.sealed_seq = r.from_seq - 1 AND s.head_seq >= r.to_seq
    RETURNING r.to_seq - r.from_seq + 1 AS journals
  )
  SELECT sum(journals) INTO marked FROM sealed;
  IF marked IS DISTINCT FROM cut_seal.leaves THEN
    RAISE EXCEPTION 'seal % names % journals, its streams have % to seal', new_number, cut_seal.leaves, marked
      USING ERRCODE = 'KI020';
  END IF;

  INSERT INTO seal (tenant_id, number, cut_at, business_date, leaves, root, prev_hash, hash, key_id, signature)
  VALUES (tenant, new_number, cut_seal.cut_at, cut_seal.business_date, cut_seal.leaves, cut_seal.root,
          cut_seal.prev_hash, cut_seal.hash, cut_seal.key_id, cut_seal.signature);
  INSERT INTO seal_range (tenant_id, seal_number, stream_id, from_seq, to_seq)
  SELECT tenant, new_number, r.* FROM unnest(streams, from_seqs, to_seqs) AS r;

  INSERT INTO account_snapshot (tenant_id, account_id, seal_number, balance)
  SELECT tenant, moved.account, new_number, moved.delta + coalesce((
           SELECT p.balance FROM account_snapshot p
           WHERE p.tenant_id = tenant AND p.account_id = moved.account
           ORDER BY p.seal_number DESC LIMIT 1), 0)
  FROM (
    SELECT a.id AS account,
           sum(CASE WHEN (e.direction = 'debit') = a.debit_normal THEN e.amount ELSE -e.amount END) AS delta
    FROM unnest(streams, from_seqs, to_seqs) AS r(stream, from_seq, to_seq)
    JOIN journal j ON j.tenant_id = tenant AND j.stream_id = r.stream AND j.seq BETWEEN r.from_seq AND r.to_seq
    JOIN entry e ON e.tenant_id = tenant AND e.journal_id = j.id
    JOIN account a ON a.tenant_id = tenant AND a.id = e.account_id AND NOT a.keeps_balance
    GROUP BY a.id
  ) AS moved;
END
$$;

-- Functions of the books act as kist_books; the application may call three of them, and write nothing else.
GRANT CREATE ON SCHEMA public TO kist_books;
ALTER FUNCTION open_accounts OWNER TO kist_books;
ALTER FUNCTION post_journals OWNER TO kist_books;
ALTER FUNCTION cut_seal OWNER TO kist_books;
REVOKE CREATE ON SCHEMA public FROM kist_books;
REVOKE ALL ON FUNCTION open_accounts, post_journals, cut_seal, admit_one_by_one, refuse_malformed FROM PUBLIC;
GRANT EXECUTE ON FUNCTION admit_one_by_one, refuse_malformed TO kist_books;
GRANT EXECUTE ON FUNCTION open_accounts, post_journals, cut_seal TO kist_app;

-- Down Migration
