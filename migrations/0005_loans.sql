-- Up Migration

-- What a tenant lends on. A change is a new version; a loan keeps the version it was made under.
CREATE TABLE product (
  tenant_id     text NOT NULL,
  code          text NOT NULL CHECK (code ~ '^[a-z][a-z0-9-]{0,49}$'),
  version       integer NOT NULL CHECK (version > 0),
  name          text NOT NULL,
  currency      text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
  -- A fraction a year: 0.18 is 18 %.
  annual_rate   numeric NOT NULL CHECK (annual_rate >= 0 AND annual_rate < 10),
  amount_min    numeric NOT NULL CHECK (amount_min > 0),
  amount_max    numeric NOT NULL CHECK (amount_max >= amount_min AND amount_max < 1e15),
  tenure_min    smallint NOT NULL CHECK (tenure_min > 0),
  tenure_max    smallint NOT NULL CHECK (tenure_max BETWEEN tenure_min AND 360),
  -- Obligations, the new instalment included, may take this part of the income.
  foir_max      numeric NOT NULL CHECK (foir_max > 0 AND foir_max <= 1),
  score_min     smallint NOT NULL CHECK (score_min BETWEEN 300 AND 900),
  -- A second application of one applicant within so many days is a duplicate.
  reapply_days  smallint NOT NULL CHECK (reapply_days >= 0),
  made_at       timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, code, version)
);
CALL keep_tenants_apart('product');
CALL make_append_only('product');
GRANT SELECT, INSERT ON product TO kist_app;

-- The id is also that of the borrower's wallet, opened with the first loan.
CREATE TABLE borrower (
  tenant_id      text NOT NULL,
  id             uuid NOT NULL DEFAULT uuidv7(),
  reference      text NOT NULL,
  name           text NOT NULL,
  phone          text NOT NULL,
  date_of_birth  date NOT NULL,
  city           text NOT NULL,
  known_since    timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT borrower_reference UNIQUE (tenant_id, reference)
);
CALL keep_tenants_apart('borrower');
GRANT SELECT, INSERT, UPDATE ON borrower TO kist_app;

-- src/loans/states.ts tells the life of an application, and of a loan.
CREATE TABLE application (
  tenant_id            text NOT NULL,
  id                   uuid NOT NULL DEFAULT uuidv7(),
  -- The lender's own name for it; sent twice, it is the same application.
  reference            text NOT NULL,
  fingerprint          text NOT NULL,
  borrower_id          uuid NOT NULL,
  product_code         text NOT NULL,
  product_version      integer NOT NULL,
  currency             text NOT NULL,
  amount               numeric NOT NULL CHECK (amount > 0 AND amount < 1e15),
  tenure_months        smallint NOT NULL CHECK (tenure_months > 0),
  monthly_income       numeric NOT NULL CHECK (monthly_income >= 0 AND monthly_income < 1e15),
  monthly_obligations  numeric NOT NULL CHECK (monthly_obligations >= 0 AND monthly_obligations < 1e15),
  state                text NOT NULL DEFAULT 'applied' CHECK (state IN
                         ('applied', 'checking', 'offered', 'referred', 'refused', 'approved', 'rejected')),
  applied_on           date NOT NULL,
  applied_at           timestamptz NOT NULL,
  applied_by           text NOT NULL,
  -- What the bureau answered, and what was made of it with which inputs.
  bureau               jsonb,
  decision             jsonb,
  decided_at           timestamptz,
  -- The person who approved or rejected it.
  judged_by            text,
  judged_at            timestamptz,
  judgement_reason     text,
  loan_id              uuid,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT application_reference UNIQUE (tenant_id, reference),
  FOREIGN KEY (tenant_id, borrower_id) REFERENCES borrower,
  FOREIGN KEY (tenant_id, product_code, product_version) REFERENCES product,
  CHECK ((state = 'approved') = (loan_id IS NOT NULL))
);
CALL keep_tenants_apart('application');
CREATE INDEX application_of_borrower ON application (tenant_id, borrower_id, id);
GRANT SELECT, INSERT, UPDATE ON application TO kist_app;

CREATE TABLE loan (
  tenant_id          text NOT NULL,
  id                 uuid NOT NULL,
  application_id     uuid,
  wallet_id          uuid NOT NULL,
  product_code       text NOT NULL,
  product_version    integer NOT NULL,
  currency           text NOT NULL,
  principal          numeric NOT NULL CHECK (principal > 0 AND principal < 1e15),
  annual_rate        numeric NOT NULL,
  tenure_months      smallint NOT NULL CHECK (tenure_months BETWEEN 1 AND 360),
  state              text NOT NULL DEFAULT 'disbursing' CHECK (state IN ('disbursing', 'active', 'closed')),
  principal_account  uuid NOT NULL,
  interest_account   uuid NOT NULL,
  opened_at          timestamptz NOT NULL,
  disbursed_on       date,
  -- Due date of the first instalment whose interest is not receivable yet; NULL when there is none.
  next_due_on        date,
  closed_on          date,
  PRIMARY KEY (tenant_id, id),
  CHECK ((state = 'disbursing') = (disbursed_on IS NULL)),
  CHECK ((state = 'closed') = (closed_on IS NOT NULL))
) WITH (fillfactor = 70);
CALL keep_tenants_apart('loan');
CREATE UNIQUE INDEX loan_application ON loan (tenant_id, application_id) WHERE application_id IS NOT NULL;
CREATE INDEX loan_falling_due ON loan (tenant_id, next_due_on) WHERE next_due_on IS NOT NULL;
GRANT SELECT, INSERT, UPDATE ON loan TO kist_app;

-- No foreign key and no index but the key: a disbursal writes all of a loan's rows while it holds the
-- loan's lock, and everyone reads them by loan.
CREATE TABLE instalment (
  tenant_id       text NOT NULL,
  loan_id         uuid NOT NULL,
  number          smallint NOT NULL,
  due_on          date NOT NULL,
  principal       numeric NOT NULL,
  interest        numeric NOT NULL,
  paid_principal  numeric NOT NULL DEFAULT 0 CHECK (paid_principal >= 0 AND paid_principal <= principal),
  paid_interest   numeric NOT NULL DEFAULT 0 CHECK (paid_interest >= 0 AND paid_interest <= interest),
  -- The business date on which its interest became receivable.
  fell_due_on     date,
  paid_on         date,
  state           text GENERATED ALWAYS AS (
                    CASE WHEN paid_on IS NOT NULL THEN 'paid'
                         WHEN fell_due_on IS NOT NULL THEN 'due'
                         ELSE 'scheduled' END) VIRTUAL,
  PRIMARY KEY (tenant_id, loan_id, number)
) WITH (fillfactor = 70);
CALL keep_tenants_apart('instalment');
GRANT SELECT, INSERT, UPDATE ON instalment TO kist_app;

-- Down Migration
