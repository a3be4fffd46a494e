-- Up Migration

-- One row is one accepted job, and the whole truth about it (src/runtime/states.ts tells the life).
CREATE TABLE job (
  tenant_id        text NOT NULL,
  id               uuid NOT NULL DEFAULT uuidv7(),
  kind             text NOT NULL,
  queue            text NOT NULL,
  key              text NOT NULL,
  fingerprint      bytea NOT NULL,
  version          smallint NOT NULL,
  payload          jsonb NOT NULL,
  priority         integer NOT NULL DEFAULT 0 CHECK (priority BETWEEN 0 AND 1000),
  state            text NOT NULL DEFAULT 'pending'
                   CHECK (state IN ('pending', 'done', 'dead', 'held', 'cancelled')),
  -- Failed attempts so far, over every redrive, and how many are allowed.
  attempt          smallint NOT NULL DEFAULT 0,
  attempt_limit    smallint NOT NULL,
  -- The carrier's id of a job is id-dispatch_number: the same number twice is ignored there.
  dispatch_number  integer NOT NULL DEFAULT 1,
  lost_dispatches  smallint NOT NULL DEFAULT 0,
  run_at           timestamptz NOT NULL DEFAULT now(),
  -- When the sweeper shall look, should the job still not be at rest.
  sweep_at         timestamptz,
  -- Jobs of one ordering key run one at a time, oldest id first. A dead or held one bars the way
  -- only where its kind says so.
  ordering_key     text,
  ordering_blocks  boolean NOT NULL DEFAULT false,
  -- A staged job between prepare and settle.
  lease_token      uuid,
  lease_until      timestamptz,
  intent           jsonb,
  code             text,
  message          text,
  result           jsonb,
  accepted_by      text NOT NULL,
  accepted_at      timestamptz NOT NULL DEFAULT now(),
  rested_at        timestamptz,
  trace            text,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT job_key UNIQUE (tenant_id, kind, key)
) WITH (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.05);
CALL keep_tenants_apart('job');

CREATE INDEX job_due ON job (sweep_at) WHERE state = 'pending';
CREATE INDEX job_turn ON job (tenant_id, ordering_key, id)
  WHERE ordering_key IS NOT NULL AND state IN ('pending', 'held', 'dead');
CREATE INDEX job_troubled ON job (tenant_id, state, id) WHERE state IN ('dead', 'held');
CREATE INDEX job_rested ON job (tenant_id, rested_at) WHERE state IN ('done', 'cancelled');

GRANT SELECT, INSERT, UPDATE, DELETE ON job TO kist_app;
CREATE POLICY every_tenant ON job TO kist_carrier USING (true) WITH CHECK (true);
GRANT SELECT (tenant_id, id, kind, queue, key, priority, state, attempt, attempt_limit, dispatch_number,
              lost_dispatches, run_at, sweep_at, ordering_key, ordering_blocks, lease_until, code,
              accepted_at, rested_at, trace),
      UPDATE (dispatch_number, lost_dispatches, sweep_at)
  ON job TO kist_carrier;

-- Every failed attempt, for ever: a redrive adds to the list, it never starts a new one.
CREATE TABLE job_attempt (
  tenant_id   text NOT NULL,
  job_id      uuid NOT NULL,
  attempt     smallint NOT NULL,
  worker      text NOT NULL,
  started_at  timestamptz NOT NULL,
  ended_at    timestamptz NOT NULL DEFAULT now(),
  word        text NOT NULL CHECK (word IN ('retry', 'refuse', 'hold', 'snooze', 'cancel')),
  code        text NOT NULL,
  message     text NOT NULL,
  PRIMARY KEY (tenant_id, job_id, attempt, ended_at)
);
CALL keep_tenants_apart('job_attempt');
GRANT SELECT, INSERT ON job_attempt TO kist_app;

-- A wish to cancel a job that a worker holds at the moment. The row of a running job is locked by the
-- transaction that runs it, so the wish cannot be a column of it.
CREATE TABLE job_cancellation (
  tenant_id     text NOT NULL,
  job_id        uuid NOT NULL,
  requested_by  text NOT NULL,
  requested_at  timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, job_id)
);
CALL keep_tenants_apart('job_cancellation');
GRANT SELECT, INSERT, DELETE ON job_cancellation TO kist_app;

-- A kill switch that is on. '*' as kind: every kind of the tenant; '*' as tenant: every tenant.
CREATE TABLE kill_switch (
  tenant_id  text NOT NULL,
  kind       text NOT NULL,
  reason     text NOT NULL,
  set_by     text NOT NULL,
  set_at     timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, kind)
);
CALL keep_tenants_apart('kill_switch');
CREATE POLICY for_everyone ON kill_switch FOR SELECT USING (tenant_id = '*');
CREATE POLICY every_tenant ON kill_switch FOR SELECT TO kist_carrier USING (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON kill_switch TO kist_app;
GRANT SELECT ON kill_switch TO kist_carrier;

-- One run of a schedule for one business date. The key makes a doubled tick harmless.
CREATE TABLE schedule_run (
  tenant_id      text NOT NULL,
  schedule       text NOT NULL,
  business_date  date NOT NULL,
  job_id         uuid NOT NULL,
  accepted_at    timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, schedule, business_date)
);
CALL keep_tenants_apart('schedule_run');
GRANT SELECT, INSERT ON schedule_run TO kist_app;

-- Rested jobs past the retention, by the month they came to rest.
CREATE TABLE job_archive (
  LIKE job INCLUDING DEFAULTS,
  archived_at timestamptz NOT NULL DEFAULT now()
) PARTITION BY RANGE (rested_at);
ALTER TABLE job_archive ALTER COLUMN rested_at SET NOT NULL;
ALTER TABLE job_archive ADD PRIMARY KEY (tenant_id, id, rested_at);
CREATE TABLE job_archive_default PARTITION OF job_archive DEFAULT;
CALL keep_tenants_apart('job_archive');
CALL keep_tenants_apart('job_archive_default');
GRANT SELECT, INSERT ON job_archive TO kist_app;

-- The keys of archived jobs: one probe answers a repeat for ever, whatever the number of months.
CREATE TABLE job_key_archive (
  tenant_id    text NOT NULL,
  kind         text NOT NULL,
  key          text NOT NULL,
  job_id       uuid NOT NULL,
  fingerprint  bytea NOT NULL,
  rested_at    timestamptz NOT NULL,
  archived_at  timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, kind, key)
);
CALL keep_tenants_apart('job_key_archive');
GRANT SELECT, INSERT ON job_key_archive TO kist_app;

-- Makes the archive's partition of a month, should it not be there. The application's role may not
-- create tables, hence SECURITY DEFINER.
-- Months are UTC's, whatever the session's time zone: bounds that depend on it would overlap.
CREATE FUNCTION make_archive_month(month date) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  first_day date := date_trunc('month', month);
  name text := 'job_archive_' || to_char(first_day, 'YYYY_MM');
BEGIN
  IF to_regclass(name) IS NULL THEN
    EXECUTE format('CREATE TABLE %I PARTITION OF job_archive FOR VALUES FROM (%L) TO (%L)',
                   name, first_day, first_day + interval '1 month');
    EXECUTE format('CALL keep_tenants_apart(%L)', name);
  END IF;
EXCEPTION WHEN duplicate_table THEN
  NULL;
END
$$;
REVOKE ALL ON FUNCTION make_archive_month(date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION make_archive_month(date) TO kist_app;

-- Down Migration
