-- Tables: kind, row-level security, storage parameters
sequence kist_migration_id_seq
sequence unfollowed_number_seq
table account row security, forced with fillfactor=50
table account_snapshot row security, forced
table accrual row security, forced
table accrual_correction row security, forced
table application row security, forced
table approval row security, forced
table approval_vote row security, forced
table audit row security, forced
table bank_account row security, forced
table bank_account_check row security, forced
table bank_line row security, forced
table borrower row security, forced
table borrower_device row security, forced
table borrower_score row security, forced with fillfactor=50
table business_day row security, forced
table callback_event row security, forced
table collection row security, forced with fillfactor=70
table collection_allocation row security, forced
table collection_order row security, forced with fillfactor=70
table day_chunk row security, forced
table dispute row security, forced
table entry row security, forced
table event row security, forced
table event_listener row security, forced
table event_subject row security, forced with fillfactor=70
table foreclosure_quote row security, forced
table fraud_alert row security, forced
table fraud_watch row security, forced
table gateway_line row security, forced
table holiday row security, forced
table instalment row security, forced with fillfactor=70
table job row security, forced with fillfactor=85, autovacuum_vacuum_scale_factor=0.05
table job_archive partition by RANGE (rested_at) row security, forced
table job_archive_default row security, forced
table job_attempt row security, forced
table job_cancellation row security, forced
table job_key_archive row security, forced
table journal row security, forced
table kill_switch row security, forced
table kist_migration
table late_payout_settled row security, forced
table loan row security, forced with fillfactor=70
table loan_event row security, forced
table loan_set_aside row security, forced
table loan_tranche row security, forced
table login_throttle row security, forced
table mandate row security, forced
table mandate_debit row security, forced with fillfactor=70
table notice_rule row security, forced
table notification_attempt row security, forced
table notification_dlt_rejection row security, forced
table notification_gathering row security, forced
table notification_lane_hold row security, forced
table notification_message row security, forced
table notification_policy row security, forced
table notification_provider row security, forced
table notification_receipt row security, forced
table notification_receipt_address row security, forced
table notification_receipt_applied row security, forced
table notification_suppression row security, forced
table notification_template row security, forced
table operator row security, forced
table payment_exception row security, forced
table payment_gateway row security, forced
table payment_move row security, forced
table payout row security, forced with fillfactor=70
table product row security, forced
table reconciliation row security, forced
table reconciliation_break row security, forced
table refund row security, forced with fillfactor=70
table schedule_run row security, forced
table schedule_version row security, forced
table score_move row security, forced
table seal row security, forced
table seal_range row security, forced
table service row security, forced
table session row security, forced
table settlement row security, forced
table statement_load row security, forced
table stream row security, forced with fillfactor=70
table tenant row security, forced
table tenant_setting row security, forced
table unfollowed row security, forced with autovacuum_vacuum_threshold=1000, autovacuum_vacuum_scale_factor=0
table wallet row security, forced
table wallet_hold row security, forced with fillfactor=70
table webhook_endpoint row security, forced

-- Columns
account.balance numeric not null default 0
account.balance_min numeric
account.code text not null
account.currency text not null
account.debit_normal boolean not null generated (type = ANY (ARRAY['asset'::text, 'expense'::text]))
account.frozen_at timestamp with time zone
account.frozen_for text
account.id uuid not null
account.keeps_balance boolean not null
account.name text not null
account.opened_at timestamp with time zone not null default now()
account.tenant_id text not null
account.type text not null
account_snapshot.account_id uuid not null
account_snapshot.balance numeric not null
account_snapshot.seal_number bigint not null
account_snapshot.tenant_id text not null
accrual.amount numeric not null
accrual.base numeric not null
accrual.business_date date not null
accrual.chargeable_day date not null
accrual.component text not null
accrual.instalment smallint not null
accrual.journal_id uuid not null
accrual.loan_id uuid not null
accrual.posted_at timestamp with time zone not null
accrual.rate numeric not null
accrual.rule text not null
accrual.tax numeric not null
accrual.tenant_id text not null
accrual_correction.amount numeric not null
accrual_correction.business_date date not null
accrual_correction.chargeable_day date not null
accrual_correction.component text not null
accrual_correction.event_seq integer not null
accrual_correction.id uuid not null default uuidv7()
accrual_correction.instalment smallint not null
accrual_correction.journal_id uuid not null
accrual_correction.loan_id uuid not null
accrual_correction.posted_at timestamp with time zone not null
accrual_correction.tax numeric not null
accrual_correction.tenant_id text not null
application.amount numeric not null
application.applied_at timestamp with time zone not null
application.applied_by text not null
application.applied_on date not null
application.borrower_id uuid not null
application.bureau jsonb
application.cancellation_reason text
application.cancelled_at timestamp with time zone
application.cancelled_by text
application.currency text not null
application.decided_at timestamp with time zone
application.decision jsonb
application.fingerprint text not null
application.id uuid not null default uuidv7()
application.judged_at timestamp with time zone
application.judged_by text
application.judgement_reason text
application.loan_id uuid
application.monthly_income numeric not null
application.monthly_obligations numeric not null
application.product_code text not null
application.product_version integer not null
application.reference text not null
application.state text not null default 'applied'::text
application.tenant_id text not null
application.tenure_months smallint not null
application.tranches jsonb
approval.action text not null
approval.amount numeric
approval.ended_at timestamp with time zone
approval.expires_at timestamp with time zone not null
approval.id uuid not null default uuidv7()
approval.payload jsonb not null
approval.payload_hash bytea not null
approval.proposed_at timestamp with time zone not null
approval.proposed_by text not null
approval.quorum smallint not null
approval.reason text
approval.result jsonb
approval.state text not null default 'proposed'::text
approval.tenant_id text not null
approval_vote.approval_id uuid not null
approval_vote.payload_hash bytea not null
approval_vote.proposed_by text not null
approval_vote.reason text
approval_vote.tenant_id text not null
approval_vote.verdict text not null
approval_vote.voted_at timestamp with time zone not null
approval_vote.voter text not null
audit.action text not null
audit.actor text not null
audit.actor_kind text not null
audit.arguments jsonb
audit.at timestamp with time zone not null default now()
audit.client_ip inet
audit.duration_ms numeric(12,3) not null
audit.error_code text
audit.id uuid not null default uuidv7()
audit.outcome text not null
audit.request_id text
audit.subject text
audit.tenant_id text not null
bank_account.account_number text
bank_account.added_at timestamp with time zone not null default now()
bank_account.added_by text not null
bank_account.borrower_id uuid not null
bank_account.contact text
bank_account.fund_account text
bank_account.gateway text
bank_account.holder text not null
bank_account.id uuid not null default uuidv7()
bank_account.ifsc text
bank_account.reason text
bank_account.state text not null default 'usable'::text
bank_account.tenant_id text not null
bank_account.vpa text
bank_account_check.account text
bank_account_check.amount numeric
bank_account_check.asked_at timestamp with time zone not null
bank_account_check.asked_by text not null
bank_account_check.attempt smallint not null
bank_account_check.bank_account_id uuid not null
bank_account_check.checked_at timestamp with time zone
bank_account_check.closed_at timestamp with time zone
bank_account_check.currency text not null
bank_account_check.fees numeric
bank_account_check.gateway text not null
bank_account_check.id uuid not null
bank_account_check.looks smallint not null default 0
bank_account_check.name_fit text
bank_account_check.name_score numeric
bank_account_check.provider_id text
bank_account_check.reason text
bank_account_check.registered_name text
bank_account_check.state text not null
bank_account_check.submitted_at timestamp with time zone
bank_account_check.tax numeric
bank_account_check.tenant_id text not null
bank_account_check.told_amount numeric
bank_account_check.utr text
bank_line.balance numeric
bank_line.credit numeric not null
bank_line.currency text not null
bank_line.current boolean not null default true
bank_line.debit numeric not null
bank_line.description text not null
bank_line.line integer not null
bank_line.load_id uuid not null
bank_line.on_date date not null
bank_line.tenant_id text not null
bank_line.utr text
borrower.city text not null
borrower.date_of_birth date not null
borrower.email text
borrower.id uuid not null default uuidv7()
borrower.known_since timestamp with time zone not null default now()
borrower.locale text
borrower.name text not null
borrower.phone text not null
borrower.reference text not null
borrower.tenant_id text not null
borrower.time_zone text
borrower_device.added_at timestamp with time zone not null
borrower_device.borrower_id uuid not null
borrower_device.tenant_id text not null
borrower_device.token text not null
borrower_score.borrower_id uuid not null
borrower_score.moved_at timestamp with time zone
borrower_score.moves integer not null default 0
borrower_score.score smallint not null
borrower_score.tenant_id text not null
business_day.begun_at timestamp with time zone not null
business_day.business_date date not null
business_day.checked jsonb
business_day.chunks integer not null
business_day.chunks_done integer not null default 0
business_day.closed_at timestamp with time zone
business_day.control_totals jsonb
business_day.key_id text
business_day.report json
business_day.signature bytea
business_day.state text not null
business_day.tenant_id text not null
callback_event.applied_at timestamp with time zone
callback_event.body bytea not null
callback_event.event_id text not null
callback_event.gateway text not null
callback_event.id uuid not null default uuidv7()
callback_event.object text
callback_event.outcome text
callback_event.received_at timestamp with time zone not null default now()
callback_event.signed_with text not null
callback_event.tenant_id text not null
callback_event.type text not null
collection.allocated numeric not null default 0
collection.amount numeric not null
collection.business_date date not null
collection.captured_at timestamp with time zone
collection.created_at timestamp with time zone not null
collection.currency text not null
collection.fee numeric
collection.gateway text not null
collection.id uuid not null
collection.loan_id uuid
collection.lost numeric not null default 0
collection.method text
collection.order_id uuid
collection.paid_at timestamp with time zone not null
collection.paid_on date not null
collection.provider_id text not null
collection.reason text
collection.refunded numeric not null default 0
collection.returned numeric not null default 0
collection.state text not null
collection.tax numeric
collection.tenant_id text not null
collection.unallocated numeric not null default 0
collection_allocation.amount numeric not null
collection_allocation.collection_id uuid not null
collection_allocation.journal_id uuid not null
collection_allocation.loan_id uuid not null
collection_allocation.reference text not null
collection_allocation.seq smallint not null
collection_allocation.tenant_id text not null
collection_allocation.undone_at timestamp with time zone
collection_allocation.undone_by uuid
collection_order.amount numeric not null
collection_order.business_date date not null
collection_order.created_at timestamp with time zone not null
collection_order.currency text not null
collection_order.gateway text not null
collection_order.id uuid not null
collection_order.loan_id uuid
collection_order.looks smallint not null default 0
collection_order.next_look_at timestamp with time zone
collection_order.provider_id text
collection_order.purpose text not null
collection_order.reason text
collection_order.reference text not null
collection_order.state text not null
collection_order.tenant_id text not null
day_chunk.business_date date not null
day_chunk.done integer
day_chunk.done_at timestamp with time zone
day_chunk.from_loan uuid not null
day_chunk.interest numeric
day_chunk.journals integer
day_chunk.loans integer not null
day_chunk.number integer not null
day_chunk.penal numeric
day_chunk.refused integer
day_chunk.reminders integer
day_chunk.tax numeric
day_chunk.tenant_id text not null
day_chunk.to_loan uuid not null
dispute.amount numeric not null
dispute.business_date date not null
dispute.collection_id uuid not null
dispute.currency text not null
dispute.gateway text not null
dispute.id uuid not null
dispute.opened_at timestamp with time zone not null
dispute.provider_id text not null
dispute.reason text
dispute.respond_by timestamp with time zone
dispute.state text not null
dispute.tenant_id text not null
entry.account_id uuid not null
entry.amount numeric not null
entry.currency text not null
entry.direction text not null
entry.journal_id uuid not null
entry.line smallint not null
entry.tenant_id text not null
event.at timestamp with time zone not null
event.business_date date not null
event.data jsonb not null
event.id uuid not null default uuidv7()
event.journal_id uuid
event.seq bigint not null
event.subject uuid not null
event.tenant_id text not null
event.type text not null
event_listener.event_types text[] not null
event_listener.kind text not null
event_listener.name text not null
event_listener.tenant_id text not null
event_subject.fanned_seq bigint not null default 0
event_subject.seq bigint not null
event_subject.subject uuid not null
event_subject.tenant_id text not null
foreclosure_quote.answer jsonb
foreclosure_quote.breakdown jsonb not null
foreclosure_quote.currency text not null
foreclosure_quote.fingerprint text not null
foreclosure_quote.id uuid not null
foreclosure_quote.loan_id uuid not null
foreclosure_quote.per_diem numeric not null
foreclosure_quote.quoted_at timestamp with time zone not null
foreclosure_quote.quoted_by text not null
foreclosure_quote.quoted_on date not null
foreclosure_quote.state text not null default 'open'::text
foreclosure_quote.tenant_id text not null
foreclosure_quote.total numeric not null
foreclosure_quote.valid_until date not null
fraud_alert.account_id uuid not null
fraud_alert.at timestamp with time zone not null
fraud_alert.froze boolean not null
fraud_alert.id uuid not null
fraud_alert.journal_id uuid not null
fraud_alert.since timestamp with time zone not null
fraud_alert.tenant_id text not null
fraud_alert.transactions integer not null
fraud_alert.window_s integer not null
fraud_watch.account_id uuid not null
fraud_watch.cleared_at timestamp with time zone not null default '-infinity'::timestamp with time zone
fraud_watch.over_until timestamp with time zone not null default '-infinity'::timestamp with time zone
fraud_watch.tenant_id text not null
gateway_line.about text not null
gateway_line.amount numeric not null
gateway_line.balance numeric
gateway_line.credit numeric not null
gateway_line.currency text not null
gateway_line.current boolean not null default true
gateway_line.debit numeric not null
gateway_line.description text not null
gateway_line.entity text not null
gateway_line.fee numeric not null
gateway_line.gateway text not null
gateway_line.happened_at timestamp with time zone not null
gateway_line.kind text not null
gateway_line.line integer not null
gateway_line.load_id uuid not null
gateway_line.on_date date not null
gateway_line.settlement text
gateway_line.source text not null
gateway_line.status text
gateway_line.tax numeric not null
gateway_line.tenant_id text not null
gateway_line.utr text
holiday.name text not null
holiday.on_date date not null
holiday.tenant_id text not null
instalment.accrued numeric not null default 0
instalment.due_on date not null
instalment.fees numeric not null default 0
instalment.fees_tax numeric not null default 0
instalment.fell_due_on date
instalment.from_on date
instalment.interest numeric not null
instalment.loan_id uuid not null
instalment.number smallint not null
instalment.paid_fees numeric not null default 0
instalment.paid_interest numeric not null default 0
instalment.paid_on date
instalment.paid_penal numeric not null default 0
instalment.paid_principal numeric not null default 0
instalment.penal numeric not null default 0
instalment.penal_base_days numeric not null default 0
instalment.penal_tax numeric not null default 0
instalment.principal numeric not null
instalment.state text generated 
CASE
    WHEN (paid_on IS NOT NULL) THEN 'paid'::text
    WHEN (fell_due_on IS NOT NULL) THEN 'due'::text
    ELSE 'scheduled'::text
END
instalment.tenant_id text not null
job.accepted_at timestamp with time zone not null default now()
job.accepted_by text not null
job.attempt smallint not null default 0
job.attempt_limit smallint not null
job.code text
job.dispatch_number integer not null default 1
job.fingerprint bytea not null
job.id uuid not null default uuidv7()
job.intent jsonb
job.key text not null
job.kind text not null
job.lease_token uuid
job.lease_until timestamp with time zone
job.lost_dispatches smallint not null default 0
job.message text
job.ordering_blocks boolean not null default false
job.ordering_key text
job.payload jsonb not null
job.priority integer not null default 0
job.queue text not null
job.rested_at timestamp with time zone
job.result jsonb
job.run_at timestamp with time zone not null default now()
job.state text not null default 'pending'::text
job.sweep_at timestamp with time zone
job.tenant_id text not null
job.trace text
job.version smallint not null
job_archive.accepted_at timestamp with time zone not null default now()
job_archive.accepted_by text not null
job_archive.archived_at timestamp with time zone not null default now()
job_archive.attempt smallint not null default 0
job_archive.attempt_limit smallint not null
job_archive.code text
job_archive.dispatch_number integer not null default 1
job_archive.fingerprint bytea not null
job_archive.id uuid not null default uuidv7()
job_archive.intent jsonb
job_archive.key text not null
job_archive.kind text not null
job_archive.lease_token uuid
job_archive.lease_until timestamp with time zone
job_archive.lost_dispatches smallint not null default 0
job_archive.message text
job_archive.ordering_blocks boolean not null default false
job_archive.ordering_key text
job_archive.payload jsonb not null
job_archive.priority integer not null default 0
job_archive.queue text not null
job_archive.rested_at timestamp with time zone not null
job_archive.result jsonb
job_archive.run_at timestamp with time zone not null default now()
job_archive.state text not null default 'pending'::text
job_archive.sweep_at timestamp with time zone
job_archive.tenant_id text not null
job_archive.trace text
job_archive.version smallint not null
job_attempt.attempt smallint not null
job_attempt.code text not null
job_attempt.ended_at timestamp with time zone not null default now()
job_attempt.job_id uuid not null
job_attempt.message text not null
job_attempt.started_at timestamp with time zone not null
job_attempt.tenant_id text not null
job_attempt.word text not null
job_attempt.worker text not null
job_cancellation.job_id uuid not null
job_cancellation.requested_at timestamp with time zone not null default now()
job_cancellation.requested_by text not null
job_cancellation.tenant_id text not null
job_key_archive.archived_at timestamp with time zone not null default now()
job_key_archive.fingerprint bytea not null
job_key_archive.job_id uuid not null
job_key_archive.key text not null
job_key_archive.kind text not null
job_key_archive.rested_at timestamp with time zone not null
job_key_archive.tenant_id text not null
journal.business_date date not null
journal.hash bytea not null
journal.id uuid not null
journal.key text not null
journal.kind text not null
journal.posted_at timestamp with time zone not null
journal.prev_hash bytea not null
journal.reverses uuid
journal.seq bigint not null
journal.stream_id uuid not null
journal.tenant_id text not null
kill_switch.kind text not null
kill_switch.reason text not null
kill_switch.set_at timestamp with time zone not null default now()
kill_switch.set_by text not null
kill_switch.tenant_id text not null
kist_migration.id integer not null default nextval('kist_migration_id_seq'::regclass)
kist_migration.name character varying(255) not null
kist_migration.run_on timestamp without time zone not null
late_payout_settled.amount numeric not null
late_payout_settled.outcome text not null
late_payout_settled.payout_id uuid not null
late_payout_settled.settled_at timestamp with time zone not null
late_payout_settled.settled_by text not null
late_payout_settled.tenant_id text not null
late_payout_settled.why text not null
loan.accrued_account uuid
loan.advance numeric not null default 0
loan.advance_account uuid
loan.annual_rate numeric not null
loan.application_id uuid
loan.asset_class text not null default 'standard'::text
loan.cancellation_reason text
loan.cancelled_at timestamp with time zone
loan.cancelled_by text
loan.carried_through date
loan.class_held_through date
loan.closed_on date
loan.currency text not null
loan.disbursed numeric not null default 0
loan.disbursed_on date
loan.fees_account uuid
loan.first_unpaid smallint not null default 1
loan.id uuid not null
loan.interest_account uuid not null
loan.next_work_on date
loan.oldest_due_on date
loan.opened_at timestamp with time zone not null
loan.penal_account uuid
loan.penal_charged numeric not null default 0
loan.principal numeric not null
loan.principal_account uuid not null
loan.product_code text not null
loan.product_version integer not null
loan.recovered numeric not null default 0
loan.score smallint
loan.state text not null default 'disbursing'::text
loan.suspended_interest numeric not null default 0
loan.suspended_penal numeric not null default 0
loan.tenant_id text not null
loan.tenure_months smallint not null
loan.wallet_id uuid not null
loan.written_off numeric not null default 0
loan.written_off_principal numeric not null default 0
loan_event.amount numeric
loan_event.business_date date not null
loan_event.detail jsonb not null default '{}'::jsonb
loan_event.effective_on date not null
loan_event.journal_id uuid
loan_event.kind text not null
loan_event.loan_id uuid not null
loan_event.posted_at timestamp with time zone not null
loan_event.reverses integer
loan_event.seq integer not null
loan_event.tenant_id text not null
loan_set_aside.business_date date not null
loan_set_aside.code text not null
loan_set_aside.loan_id uuid not null
loan_set_aside.message text not null
loan_set_aside.since timestamp with time zone not null
loan_set_aside.tenant_id text not null
loan_tranche.agreed_at timestamp with time zone not null
loan_tranche.agreed_by text not null
loan_tranche.amount numeric not null
loan_tranche.journal_id uuid
loan_tranche.loan_id uuid not null
loan_tranche.number smallint not null
loan_tranche.paid_on date
loan_tranche.planned_on date
loan_tranche.tenant_id text not null
login_throttle.blocked_until timestamp with time zone not null
login_throttle.failures integer not null
login_throttle.last_at timestamp with time zone not null
login_throttle.subject bytea not null
mandate.added_at timestamp with time zone not null
mandate.added_by text not null
mandate.currency text not null
mandate.customer text not null
mandate.email text not null
mandate.gateway text not null
mandate.id uuid not null default uuidv7()
mandate.loan_id uuid not null
mandate.max_amount numeric not null
mandate.method text not null
mandate.phone text not null
mandate.state text not null default 'active'::text
mandate.tenant_id text not null
mandate.token text not null
mandate_debit.amount numeric not null
mandate_debit.attempt smallint not null
mandate_debit.contradicts boolean not null default false
mandate_debit.created_at timestamp with time zone not null
mandate_debit.currency text not null
mandate_debit.id uuid not null
mandate_debit.instalment smallint not null
mandate_debit.loan_id uuid not null
mandate_debit.mandate_id uuid not null
mandate_debit.order_id uuid not null
mandate_debit.presented_at timestamp with time zone
mandate_debit.provider_id text
mandate_debit.reason text
mandate_debit.resolved_at timestamp with time zone
mandate_debit.state text not null
mandate_debit.tenant_id text not null
notice_rule.category text not null
notice_rule.changed_at timestamp with time zone not null default now()
notice_rule.changed_by text not null
notice_rule.channels text[] not null
notice_rule.event_type text not null
notice_rule.moment text
notice_rule.name text not null
notice_rule.state text not null default 'enabled'::text
notice_rule.template text not null
notice_rule.tenant_id text not null
notification_attempt.began_at timestamp with time zone not null
notification_attempt.code text
notification_attempt.ended_at timestamp with time zone
notification_attempt.files jsonb default '[]'::jsonb
notification_attempt.message text
notification_attempt.message_id uuid not null
notification_attempt.number smallint not null
notification_attempt.outcome text
notification_attempt.provider text not null
notification_attempt.tenant_id text not null
notification_dlt_rejection.business_date date not null
notification_dlt_rejection.message_id uuid not null
notification_dlt_rejection.template text not null
notification_dlt_rejection.tenant_id text not null
notification_gathering.about jsonb
notification_gathering.item jsonb
notification_gathering.job_id uuid not null
notification_gathering.message_id uuid
notification_gathering.since timestamp with time zone not null
notification_gathering.struck boolean not null default false
notification_gathering.tenant_id text not null
notification_lane_hold.channel text not null
notification_lane_hold.code text not null
notification_lane_hold.held_at timestamp with time zone not null
notification_lane_hold.held_by text not null
notification_lane_hold.message text not null
notification_lane_hold.tenant_id text not null
notification_message.address text not null
notification_message.ask_at timestamp with time zone
notification_message.asked smallint not null default 0
notification_message.category text not null
notification_message.channel text not null
notification_message.code text
notification_message.content jsonb not null
notification_message.content_hash bytea not null
notification_message.counted_at timestamp with time zone not null
notification_message.created_at timestamp with time zone not null
notification_message.id uuid not null
notification_message.loan_id uuid
notification_message.locale text
notification_message.notification_id uuid not null
notification_message.provider text
notification_message.provider_id text
notification_message.recipient text not null
notification_message.sent_at timestamp with time zone
notification_message.settled_at timestamp with time zone
notification_message.state text not null default 'sending'::text
notification_message.template text
notification_message.template_version integer
notification_message.tenant_id text not null
notification_message.tries smallint not null default 0
notification_policy.channel text not null
notification_policy.settings jsonb not null
notification_policy.tenant_id text not null
notification_policy.updated_at timestamp with time zone not null default now()
notification_policy.updated_by text not null
notification_provider.channel text not null
notification_provider.credentials bytea not null
notification_provider.place smallint not null default 1
notification_provider.provider text not null
notification_provider.shown jsonb not null
notification_provider.state text not null default 'enabled'::text
notification_provider.tenant_id text not null
notification_provider.updated_at timestamp with time zone not null default now()
notification_provider.updated_by text not null
notification_provider.version integer not null default 1
notification_receipt.body text not null
notification_receipt.event text not null
notification_receipt.id uuid not null default uuidv7()
notification_receipt.provider text not null
notification_receipt.received_at timestamp with time zone not null
notification_receipt.same_as bytea not null
notification_receipt.tenant_id text not null
notification_receipt.way text not null
notification_receipt_address.allowed text[] not null default '{}'::text[]
notification_receipt_address.former_hash bytea
notification_receipt_address.former_until timestamp with time zone
notification_receipt_address.provider text not null
notification_receipt_address.secret_hash bytea not null
notification_receipt_address.tenant_id text not null
notification_receipt_address.updated_at timestamp with time zone not null default now()
notification_receipt_address.updated_by text not null
notification_receipt_address.version integer not null default 1
notification_receipt_applied.applied_at timestamp with time zone not null
notification_receipt_applied.message_id uuid
notification_receipt_applied.outcome text not null
notification_receipt_applied.receipt_id uuid not null
notification_receipt_applied.tenant_id text not null
notification_suppression.address text not null
notification_suppression.channel text not null
notification_suppression.detail text
notification_suppression.id uuid not null default uuidv7()
notification_suppression.reason text not null
notification_suppression.since timestamp with time zone not null
notification_suppression.stops text not null default 'everything'::text
notification_suppression.tenant_id text not null
notification_template.category text
notification_template.locale text not null
notification_template.made_at timestamp with time zone not null default now()
notification_template.made_by text not null
notification_template.name text not null
notification_template.parts jsonb
notification_template.tenant_id text not null
notification_template.variables jsonb
notification_template.version integer not null
operator.created_at timestamp with time zone not null default now()
operator.email text not null
operator.id uuid not null default uuidv7()
operator.locked_at timestamp with time zone
operator.name text not null
operator.password_hash text not null
operator.role text not null
operator.tenant_id text not null
payment_exception.business_date date not null
payment_exception.code text not null
payment_exception.detail jsonb not null default '{}'::jsonb
payment_exception.id uuid not null default uuidv7()
payment_exception.kind text not null
payment_exception.message text not null
payment_exception.owner text
payment_exception.raised_at timestamp with time zone not null
payment_exception.resolution text
payment_exception.resolved_at timestamp with time zone
payment_exception.resolved_by text
payment_exception.subject uuid not null
payment_exception.tenant_id text not null
payment_gateway.account_number text not null
payment_gateway.former_webhook_secret bytea
payment_gateway.former_webhook_secret_until timestamp with time zone
payment_gateway.gateway text not null
payment_gateway.key_id text not null
payment_gateway.key_secret bytea not null
payment_gateway.state text not null default 'enabled'::text
payment_gateway.tenant_id text not null
payment_gateway.updated_at timestamp with time zone not null default now()
payment_gateway.updated_by text not null
payment_gateway.version integer not null default 1
payment_gateway.webhook_secret bytea not null
payment_move.at timestamp with time zone not null
payment_move.business_date date not null
payment_move.detail jsonb not null default '{}'::jsonb
payment_move.evidence text not null
payment_move.from_state text
payment_move.journal_id uuid
payment_move.kind text not null
payment_move.seq smallint not null
payment_move.subject uuid not null
payment_move.tenant_id text not null
payment_move.to_state text not null
payout.amount numeric not null
payout.attempt smallint not null
payout.bank_account_id uuid not null
payout.business_date date not null
payout.closed_at timestamp with time zone
payout.contradicts boolean not null default false
payout.created_at timestamp with time zone not null
payout.currency text not null
payout.fees numeric
payout.gateway text not null
payout.id uuid not null
payout.instruction_id uuid not null
payout.loan_id uuid
payout.looks smallint not null default 0
payout.mode text not null
payout.next_look_at timestamp with time zone
payout.previous_id uuid
payout.provider_id text
payout.purpose text not null
payout.reason text
payout.reference text not null
payout.request_body text
payout.settled_at timestamp with time zone
payout.state text not null
payout.submitted_at timestamp with time zone
payout.tax numeric
payout.tenant_id text not null
payout.unknown_since timestamp with time zone
payout.utr text
payout.wallet_id uuid not null
product.amount_max numeric not null
product.amount_min numeric not null
product.annual_rate numeric not null
product.code text not null
product.currency text not null
product.foir_max numeric not null
product.made_at timestamp with time zone not null default now()
product.name text not null
product.reapply_days smallint not null
product.rules jsonb not null default '{}'::jsonb
product.score_min smallint not null
product.tenant_id text not null
product.tenure_max smallint not null
product.tenure_min smallint not null
product.version integer not null
reconciliation.breaks_closed integer not null
reconciliation.breaks_open integer not null
reconciliation.breaks_opened integer not null
reconciliation.business_date date not null
reconciliation.id uuid not null default uuidv7()
reconciliation.loads uuid[] not null
reconciliation.results jsonb not null
reconciliation.run_at timestamp with time zone not null
reconciliation.run_by text not null
reconciliation.settlements_posted integer not null
reconciliation.tenant_id text not null
reconciliation_break.currency text not null
reconciliation_break.episode integer not null default 1
reconciliation_break.evidence jsonb not null default '[]'::jsonb
reconciliation_break.first_seen_on date not null
reconciliation_break.gateway text
reconciliation_break.happened_on date not null
reconciliation_break.here numeric
reconciliation_break.id uuid not null default uuidv7()
reconciliation_break.journal_id uuid
reconciliation_break.last_seen_on date not null
reconciliation_break.leg text not null
reconciliation_break.owner text
reconciliation_break.resolution text
reconciliation_break.resolved_at timestamp with time zone
reconciliation_break.resolved_by text
reconciliation_break.result text not null
reconciliation_break.state text not null
reconciliation_break.subject text not null
reconciliation_break.subject_kind text not null
reconciliation_break.tenant_id text not null
reconciliation_break.there numeric
reconciliation_break.why text
refund.amount numeric not null
refund.asked_by text not null
refund.attempt smallint not null
refund.business_date date not null
refund.collection_id uuid not null
refund.created_at timestamp with time zone not null
refund.currency text not null
refund.id uuid not null
refund.instruction_id uuid not null
refund.looks smallint not null default 0
refund.next_look_at timestamp with time zone
refund.provider_id text
refund.reason text
refund.request_body text
refund.settled_on date
refund.state text not null
refund.tenant_id text not null
schedule_run.accepted_at timestamp with time zone not null default now()
schedule_run.business_date date not null
schedule_run.job_id uuid not null
schedule_run.schedule text not null
schedule_run.tenant_id text not null
schedule_version.annual_rate numeric not null
schedule_version.cause text not null
schedule_version.effective_on date not null
schedule_version.event_seq integer not null
schedule_version.loan_id uuid not null
schedule_version.made_at timestamp with time zone not null
schedule_version.replaced jsonb not null
schedule_version.standing jsonb not null
schedule_version.tenant_id text not null
schedule_version.version smallint not null
score_move.at timestamp with time zone not null
score_move.borrower_id uuid not null
score_move.business_date date not null
score_move.cause text not null
score_move.moved smallint not null
score_move.number integer not null
score_move.points smallint not null
score_move.reason text not null
score_move.score smallint not null
score_move.tenant_id text not null
seal.business_date date not null
seal.cut_at timestamp with time zone not null
seal.hash bytea not null
seal.key_id text not null
seal.leaves bigint not null
seal.number bigint not null
seal.prev_hash bytea not null
seal.root bytea not null
seal.signature bytea not null
seal.tenant_id text not null
seal_range.from_seq bigint not null
seal_range.seal_number bigint not null
seal_range.stream_id uuid not null
seal_range.tenant_id text not null
seal_range.to_seq bigint not null
service.created_at timestamp with time zone not null default now()
service.disabled_at timestamp with time zone
service.jwks jsonb
service.jwks_url text
service.name text not null
service.scopes text[] not null
service.tenant_id text not null
session.client_ip inet
session.created_at timestamp with time zone not null default now()
session.expires_at timestamp with time zone not null
session.id uuid not null default uuidv7()
session.last_seen_at timestamp with time zone not null default now()
session.operator_id uuid not null
session.tenant_id text not null
session.token_hash bytea not null
session.user_agent text
settlement.adjusted numeric not null
settlement.currency text not null
settlement.fee numeric not null
settlement.gateway text not null
settlement.gross numeric not null
settlement.id text not null
settlement.journal_id uuid
settlement.net numeric not null
settlement.on_date date not null
settlement.tax numeric not null
settlement.tenant_id text not null
settlement.utr text
statement_load.begun_at timestamp with time zone not null default now()
statement_load.content_hash bytea
statement_load.from_on date
statement_load.gateway text
statement_load.id uuid not null default uuidv7()
statement_load.kind text not null
statement_load.lines integer not null default 0
statement_load.loaded_at timestamp with time zone
statement_load.loaded_by text not null
statement_load.source text not null
statement_load.tenant_id text not null
statement_load.to_on date
stream.head_hash bytea not null default decode(repeat('00'::text, 32), 'hex'::text)
stream.head_seq bigint not null default 0
stream.id uuid not null
stream.sealed_seq bigint not null default 0
stream.tenant_id text not null
tenant.created_at timestamp with time zone not null default now()
tenant.currency text not null default 'INR'::text
tenant.name text not null
tenant.tenant_id text not null
tenant.time_zone text not null default 'Asia/Kolkata'::text
tenant_setting.changed_at timestamp with time zone not null default now()
tenant_setting.changed_by text not null
tenant_setting.name text not null
tenant_setting.tenant_id text not null
tenant_setting.value jsonb not null
unfollowed.error text
unfollowed.failures integer not null default 0
unfollowed.journals uuid[] not null
unfollowed.not_before timestamp with time zone not null default '-infinity'::timestamp with time zone
unfollowed.number bigint not null
unfollowed.posted_at timestamp with time zone not null default now()
unfollowed.tenant_id text not null
wallet.currency text not null
wallet.id uuid not null
wallet.opened_at timestamp with time zone not null default now()
wallet.owner text not null
wallet.tenant_id text not null
wallet_hold.amount numeric not null
wallet_hold.captured numeric
wallet_hold.currency text not null
wallet_hold.ended_at timestamp with time zone
wallet_hold.ended_by uuid
wallet_hold.expires_at timestamp with time zone
wallet_hold.held_at timestamp with time zone not null
wallet_hold.id uuid not null
wallet_hold.reference text not null
wallet_hold.state text not null default 'held'::text
wallet_hold.tenant_id text not null
wallet_hold.wallet_id uuid not null
webhook_endpoint.created_at timestamp with time zone not null default now()
webhook_endpoint.created_by text not null
webhook_endpoint.description text not null default ''::text
webhook_endpoint.disabled_at timestamp with time zone
webhook_endpoint.disabled_reason text
webhook_endpoint.event_types text[] not null
webhook_endpoint.failing_since timestamp with time zone
webhook_endpoint.former_secret bytea
webhook_endpoint.former_secret_until timestamp with time zone
webhook_endpoint.id uuid not null
webhook_endpoint.secret bytea not null
webhook_endpoint.state text not null default 'enabled'::text
webhook_endpoint.tenant_id text not null
webhook_endpoint.url text not null

-- Constraints
account account_balance_min_check CHECK ((balance_min < 'Infinity'::numeric))
account account_code UNIQUE (tenant_id, code)
account account_currency_check CHECK ((octet_length(currency) = 3))
account account_frozen CHECK ((((frozen_at IS NULL) = (frozen_for IS NULL)) AND ((frozen_at IS NULL) OR keeps_balance)))
account account_limit CHECK ((keeps_balance OR ((balance = (0)::numeric) AND (balance_min IS NULL))))
account account_pkey PRIMARY KEY (tenant_id, id)
account account_type_check CHECK ((type = ANY (ARRAY['asset'::text, 'liability'::text, 'income'::text, 'expense'::text])))
account_snapshot account_snapshot_pkey PRIMARY KEY (tenant_id, account_id, seal_number)
accrual accrual_amount_check CHECK ((amount > (0)::numeric))
accrual accrual_component_check CHECK ((component = ANY (ARRAY['interest'::text, 'penal'::text])))
accrual accrual_pkey PRIMARY KEY (tenant_id, loan_id, component, instalment, chargeable_day)
accrual accrual_tax_check CHECK ((tax >= (0)::numeric))
accrual_correction accrual_correction_component_check CHECK ((component = ANY (ARRAY['interest'::text, 'penal'::text])))
accrual_correction accrual_correction_pkey PRIMARY KEY (tenant_id, loan_id, id)
application application_amount_check CHECK (((amount > (0)::numeric) AND (amount < '1000000000000000'::numeric)))
application application_cancelled CHECK (((state = 'cancelled'::text) = (cancelled_at IS NOT NULL)))
application application_check CHECK (((state = 'approved'::text) = (loan_id IS NOT NULL)))
application application_monthly_income_check CHECK (((monthly_income >= (0)::numeric) AND (monthly_income < '1000000000000000'::numeric)))
application application_monthly_obligations_check CHECK (((monthly_obligations >= (0)::numeric) AND (monthly_obligations < '1000000000000000'::numeric)))
application application_pkey PRIMARY KEY (tenant_id, id)
application application_reference UNIQUE (tenant_id, reference)
application application_state_check CHECK ((state = ANY (ARRAY['applied'::text, 'checking'::text, 'offered'::text, 'referred'::text, 'refused'::text, 'approved'::text, 'rejected'::text, 'cancelled'::text])))
application application_tenant_id_borrower_id_fkey FOREIGN KEY (tenant_id, borrower_id) REFERENCES borrower(tenant_id, id)
application application_tenant_id_product_code_product_version_fkey FOREIGN KEY (tenant_id, product_code, product_version) REFERENCES product(tenant_id, code, version)
application application_tenure_months_check CHECK ((tenure_months > 0))
approval approval_as_proposed UNIQUE (tenant_id, id, proposed_by, payload_hash)
approval approval_check CHECK ((expires_at > proposed_at))
approval approval_ended CHECK (((state = 'proposed'::text) = (ended_at IS NULL)))
approval approval_payload_hash_check CHECK ((octet_length(payload_hash) = 32))
approval approval_pkey PRIMARY KEY (tenant_id, id)
approval approval_quorum_check CHECK (((quorum >= 1) AND (quorum <= 10)))
approval approval_state_check CHECK ((state = ANY (ARRAY['proposed'::text, 'applied'::text, 'refused'::text, 'rejected'::text, 'expired'::text, 'withdrawn'::text])))
approval approval_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(tenant_id)
approval_vote approval_vote_pkey PRIMARY KEY (tenant_id, approval_id, voter)
approval_vote approval_vote_verdict_check CHECK ((verdict = ANY (ARRAY['approve'::text, 'reject'::text])))
approval_vote vote_of_another CHECK ((voter <> proposed_by))
approval_vote vote_on_what_was_proposed FOREIGN KEY (tenant_id, approval_id, proposed_by, payload_hash) REFERENCES approval(tenant_id, id, proposed_by, payload_hash)
audit audit_actor_kind_check CHECK ((actor_kind = ANY (ARRAY['service'::text, 'operator'::text, 'system'::text])))
audit audit_outcome_check CHECK ((outcome = ANY (ARRAY['SUCCESS'::text, 'FAILED'::text])))
audit audit_pkey PRIMARY KEY (tenant_id, id)
bank_account bank_account_account_number_check CHECK ((account_number ~ '^[A-Za-z0-9]{5,35}$'::text))
bank_account bank_account_check CHECK ((((vpa IS NULL) = (account_number IS NOT NULL)) AND ((ifsc IS NULL) = (account_number IS NULL))))
bank_account bank_account_holder_check CHECK (((length(holder) >= 3) AND (length(holder) <= 120)))
bank_account bank_account_ifsc_check CHECK ((ifsc ~ '^[A-Z]{4}0[A-Z0-9]{6}$'::text))
bank_account bank_account_once UNIQUE NULLS NOT DISTINCT (tenant_id, borrower_id, ifsc, account_number, vpa)
bank_account bank_account_pkey PRIMARY KEY (tenant_id, id)
bank_account bank_account_state_check CHECK ((state = ANY (ARRAY['usable'::text, 'invalid'::text, 'retired'::text])))
bank_account bank_account_vpa_check CHECK (((length(vpa) >= 3) AND (length(vpa) <= 100)))
bank_account_check bank_account_check_account FOREIGN KEY (tenant_id, bank_account_id) REFERENCES bank_account(tenant_id, id)
bank_account_check bank_account_check_account_check CHECK ((account = ANY (ARRAY['active'::text, 'invalid'::text])))
bank_account_check bank_account_check_amount_check CHECK ((amount >= (0)::numeric))
bank_account_check bank_account_check_attempt UNIQUE (tenant_id, bank_account_id, attempt)
bank_account_check bank_account_check_attempt_check CHECK (((attempt >= 1) AND (attempt <= 20)))
bank_account_check bank_account_check_check CHECK (((tax >= (0)::numeric) AND (tax <= fees)))
bank_account_check bank_account_check_check1 CHECK (((checked_at IS NOT NULL) = (state = ANY (ARRAY['completed'::text, 'failed'::text, 'rejected'::text]))))
bank_account_check bank_account_check_check2 CHECK (((account IS NOT NULL) = (state = 'completed'::text)))
bank_account_check bank_account_check_check3 CHECK (((registered_name IS NULL) = (name_fit IS NULL)))
bank_account_check bank_account_check_check4 CHECK ((((fees IS NULL) = (tax IS NULL)) AND ((fees IS NULL) OR (amount IS NOT NULL))))
bank_account_check bank_account_check_fees_check CHECK ((fees >= (0)::numeric))
bank_account_check bank_account_check_name_fit_check CHECK ((name_fit = ANY (ARRAY['same'::text, 'similar'::text, 'different'::text])))
bank_account_check bank_account_check_name_score_check CHECK (((name_score >= (0)::numeric) AND (name_score <= (100)::numeric)))
bank_account_check bank_account_check_pkey PRIMARY KEY (tenant_id, id)
bank_account_check bank_account_check_registered_name_check CHECK (((length(registered_name) >= 1) AND (length(registered_name) <= 200)))
bank_account_check bank_account_check_state_check CHECK ((state = ANY (ARRAY['asked'::text, 'pending'::text, 'unknown'::text, 'completed'::text, 'failed'::text, 'rejected'::text])))
bank_account_check bank_account_check_told_amount_check CHECK ((told_amount >= (0)::numeric))
bank_line bank_line_credit_check CHECK ((credit >= (0)::numeric))
bank_line bank_line_debit_check CHECK ((debit >= (0)::numeric))
bank_line bank_line_pkey PRIMARY KEY (tenant_id, load_id, line)
borrower borrower_email_check CHECK ((length(email) <= 254))
borrower borrower_locale_check CHECK ((locale ~ '^[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?$'::text))
borrower borrower_pkey PRIMARY KEY (tenant_id, id)
borrower borrower_reference UNIQUE (tenant_id, reference)
borrower borrower_time_zone_check CHECK ((length(time_zone) <= 100))
borrower_device borrower_device_pkey PRIMARY KEY (tenant_id, token)
borrower_device borrower_device_token_check CHECK ((length(token) <= 1000))
borrower_score borrower_score_pkey PRIMARY KEY (tenant_id, borrower_id)
borrower_score borrower_score_score_check CHECK (((score >= 0) AND (score <= 1000)))
business_day business_day_check CHECK ((chunks_done <= chunks))
business_day business_day_check1 CHECK (((state = 'closed'::text) = (signature IS NOT NULL)))
business_day business_day_pkey PRIMARY KEY (tenant_id, business_date)
business_day business_day_state_check CHECK ((state = ANY (ARRAY['carrying'::text, 'checking'::text, 'shut'::text, 'closed'::text])))
callback_event callback_event_check CHECK (((applied_at IS NULL) = (outcome IS NULL)))
callback_event callback_event_event_id_check CHECK (((length(event_id) >= 1) AND (length(event_id) <= 200)))
callback_event callback_event_id UNIQUE (tenant_id, id)
callback_event callback_event_pkey PRIMARY KEY (tenant_id, gateway, event_id)
callback_event callback_event_signed_with_check CHECK ((signed_with = ANY (ARRAY['present'::text, 'former'::text])))
collection collection_adds_up CHECK ((((((allocated + unallocated) + refunded) + returned) + lost) =
CASE
    WHEN (captured_at IS NULL) THEN (0)::numeric
    ELSE amount
END))
collection collection_allocated_check CHECK ((allocated >= (0)::numeric))
collection collection_amount_check CHECK (((amount > (0)::numeric) AND (amount < '1000000000000000'::numeric)))
collection collection_check CHECK (((tax >= (0)::numeric) AND (tax <= fee)))
collection collection_fee_check CHECK ((fee >= (0)::numeric))
collection collection_lost_check CHECK ((lost >= (0)::numeric))
collection collection_order_of FOREIGN KEY (tenant_id, order_id) REFERENCES collection_order(tenant_id, id)
collection collection_pkey PRIMARY KEY (tenant_id, id)
collection collection_provider UNIQUE (tenant_id, gateway, provider_id)
collection collection_refunded_check CHECK ((refunded >= (0)::numeric))
collection collection_returned_check CHECK ((returned >= (0)::numeric))
collection collection_state_check CHECK ((state = ANY (ARRAY['created'::text, 'authorized'::text, 'failed'::text, 'captured'::text, 'settled'::text, 'disputed'::text, 'won'::text, 'lost'::text, 'refunded'::text, 'reversed'::text, 'auto-refunded'::text])))
collection collection_unallocated_check CHECK ((unallocated >= (0)::numeric))
collection_allocation collection_allocation_amount_check CHECK ((amount > (0)::numeric))
collection_allocation collection_allocation_pkey PRIMARY KEY (tenant_id, collection_id, seq)
collection_allocation collection_allocation_reference UNIQUE (tenant_id, reference)
collection_allocation collection_allocation_seq_check CHECK ((seq > 0))
collection_allocation collection_allocation_tenant_id_collection_id_fkey FOREIGN KEY (tenant_id, collection_id) REFERENCES collection(tenant_id, id)
collection_order collection_order_amount_check CHECK (((amount > (0)::numeric) AND (amount < '1000000000000000'::numeric)))
collection_order collection_order_check CHECK (((state = ANY (ARRAY['asking'::text, 'refused'::text])) = (provider_id IS NULL)))
collection_order collection_order_pkey PRIMARY KEY (tenant_id, id)
collection_order collection_order_purpose_check CHECK ((purpose = ANY (ARRAY['repayment'::text, 'mandate-debit'::text, 'other'::text])))
collection_order collection_order_reference UNIQUE (tenant_id, purpose, reference)
collection_order collection_order_state_check CHECK ((state = ANY (ARRAY['asking'::text, 'created'::text, 'attempted'::text, 'paid'::text, 'refused'::text])))
day_chunk day_chunk_pkey PRIMARY KEY (tenant_id, business_date, number)
dispute dispute_amount_check CHECK (((amount > (0)::numeric) AND (amount < '1000000000000000'::numeric)))
dispute dispute_pkey PRIMARY KEY (tenant_id, id)
dispute dispute_provider UNIQUE (tenant_id, gateway, provider_id)
dispute dispute_state_check CHECK ((state = ANY (ARRAY['open'::text, 'under-review'::text, 'won'::text, 'lost'::text])))
dispute dispute_tenant_id_collection_id_fkey FOREIGN KEY (tenant_id, collection_id) REFERENCES collection(tenant_id, id)
entry entry_amount_check CHECK (((amount > (0)::numeric) AND (amount < '1000000000000000000'::numeric)))
entry entry_direction_check CHECK ((direction = ANY (ARRAY['debit'::text, 'credit'::text])))
entry entry_line_check CHECK ((line > 0))
entry entry_pkey PRIMARY KEY (tenant_id, journal_id, line)
event event_pkey PRIMARY KEY (tenant_id, id)
event event_seq UNIQUE (tenant_id, subject, seq)
event event_seq_check CHECK ((seq > 0))
event event_type_check CHECK (((type ~ '^[a-z][a-z0-9-]*(\.[a-z0-9-]+)+$'::text) AND (length(type) <= 100)))
event_listener event_listener_event_types_check CHECK (((cardinality(event_types) >= 1) AND (cardinality(event_types) <= 50)))
event_listener event_listener_name_check CHECK ((name ~ '^[a-z][a-z0-9-]{0,62}$'::text))
event_listener event_listener_pkey PRIMARY KEY (tenant_id, name)
event_listener event_listener_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(tenant_id)
event_subject event_subject_check CHECK ((fanned_seq <= seq))
event_subject event_subject_pkey PRIMARY KEY (tenant_id, subject)
foreclosure_quote foreclosure_quote_answered CHECK (((state = 'accepted'::text) = (answer IS NOT NULL)))
foreclosure_quote foreclosure_quote_check CHECK ((valid_until >= quoted_on))
foreclosure_quote foreclosure_quote_per_diem_check CHECK ((per_diem >= (0)::numeric))
foreclosure_quote foreclosure_quote_pkey PRIMARY KEY (tenant_id, id)
foreclosure_quote foreclosure_quote_state_check CHECK ((state = ANY (ARRAY['open'::text, 'accepted'::text, 'expired'::text])))
foreclosure_quote foreclosure_quote_total_check CHECK ((total >= (0)::numeric))
fraud_alert fraud_alert_burst UNIQUE (tenant_id, account_id, journal_id)
fraud_alert fraud_alert_pkey PRIMARY KEY (tenant_id, id)
fraud_watch fraud_watch_pkey PRIMARY KEY (tenant_id, account_id)
gateway_line gateway_line_credit_check CHECK ((credit >= (0)::numeric))
gateway_line gateway_line_debit_check CHECK ((debit >= (0)::numeric))
gateway_line gateway_line_kind_check CHECK ((kind = ANY (ARRAY['payment'::text, 'refund'::text, 'payout'::text, 'reversal'::text, 'adjustment'::text, 'transfer'::text, 'other'::text])))
gateway_line gateway_line_pkey PRIMARY KEY (tenant_id, load_id, line)
gateway_line gateway_line_source_check CHECK ((source = ANY (ARRAY['settlement'::text, 'account'::text])))
holiday holiday_pkey PRIMARY KEY (tenant_id, on_date)
holiday holiday_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(tenant_id)
instalment instalment_check CHECK (((paid_principal >= (0)::numeric) AND (paid_principal <= principal)))
instalment instalment_check1 CHECK (((paid_interest >= (0)::numeric) AND (paid_interest <= interest)))
instalment instalment_check2 CHECK (((accrued >= (0)::numeric) AND (accrued <= interest)))
instalment instalment_check3 CHECK (((paid_fees >= (0)::numeric) AND (paid_fees <= fees)))
instalment instalment_check4 CHECK (((paid_penal >= (0)::numeric) AND (paid_penal <= penal)))
instalment instalment_check5 CHECK (((fees_tax >= (0)::numeric) AND (fees_tax <= fees)))
instalment instalment_fees_check CHECK ((fees >= (0)::numeric))
instalment instalment_penal_check CHECK ((penal >= (0)::numeric))
instalment instalment_penal_tax_check CHECK ((penal_tax >= (0)::numeric))
instalment instalment_pkey PRIMARY KEY (tenant_id, loan_id, number)
job job_key UNIQUE (tenant_id, kind, key)
job job_pkey PRIMARY KEY (tenant_id, id)
job job_priority_check CHECK (((priority >= 0) AND (priority <= 1000)))
job job_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'done'::text, 'dead'::text, 'held'::text, 'cancelled'::text])))
job_archive job_archive_pkey PRIMARY KEY (tenant_id, id, rested_at)
job_archive_default job_archive_default_pkey PRIMARY KEY (tenant_id, id, rested_at)
job_attempt job_attempt_pkey PRIMARY KEY (tenant_id, job_id, attempt, ended_at)
job_attempt job_attempt_word_check CHECK ((word = ANY (ARRAY['retry'::text, 'refuse'::text, 'hold'::text, 'snooze'::text, 'cancel'::text])))
job_cancellation job_cancellation_pkey PRIMARY KEY (tenant_id, job_id)
job_key_archive job_key_archive_pkey PRIMARY KEY (tenant_id, kind, key)
journal journal_hash_check CHECK ((octet_length(hash) = 32))
journal journal_key UNIQUE (tenant_id, key)
journal journal_pkey PRIMARY KEY (tenant_id, id)
journal journal_place UNIQUE (tenant_id, stream_id, seq)
journal journal_prev_hash_check CHECK ((octet_length(prev_hash) = 32))
journal journal_seq_check CHECK ((seq > 0))
kill_switch kill_switch_pkey PRIMARY KEY (tenant_id, kind)
kist_migration kist_migration_pkey PRIMARY KEY (id)
late_payout_settled late_payout_settled_amount_check CHECK ((amount > (0)::numeric))
late_payout_settled late_payout_settled_outcome_check CHECK ((outcome = ANY (ARRAY['paid'::text, 'not-owed'::text])))
late_payout_settled late_payout_settled_pkey PRIMARY KEY (tenant_id, payout_id)
late_payout_settled late_payout_settled_why_check CHECK (((length(why) >= 1) AND (length(why) <= 1000)))
loan loan_advance_check CHECK ((advance >= (0)::numeric))
loan loan_asset_class_check CHECK ((asset_class = ANY (ARRAY['standard'::text, 'sma-0'::text, 'sma-1'::text, 'sma-2'::text, 'npa'::text])))
loan loan_cancelled CHECK (((state = 'cancelled'::text) = (cancelled_at IS NOT NULL)))
loan loan_check CHECK (((disbursed >= (0)::numeric) AND (disbursed <= principal)))
loan loan_check1 CHECK (((written_off_principal >= (0)::numeric) AND (written_off_principal <= written_off)))
loan loan_check2 CHECK (((recovered >= (0)::numeric) AND (recovered <= written_off)))
loan loan_disbursed CHECK (((state = ANY (ARRAY['disbursing'::text, 'cancelled'::text])) = (disbursed_on IS NULL)))
loan loan_ended CHECK (((state = ANY (ARRAY['disbursing'::text, 'active'::text])) = (closed_on IS NULL)))
loan loan_penal_charged_check CHECK ((penal_charged >= (0)::numeric))
loan loan_pkey PRIMARY KEY (tenant_id, id)
loan loan_principal_check CHECK (((principal > (0)::numeric) AND (principal < '1000000000000000'::numeric)))
loan loan_state_check CHECK ((state = ANY (ARRAY['disbursing'::text, 'active'::text, 'closed'::text, 'foreclosed'::text, 'written-off'::text, 'cancelled'::text])))
loan loan_suspended_interest_check CHECK ((suspended_interest >= (0)::numeric))
loan loan_suspended_penal_check CHECK ((suspended_penal >= (0)::numeric))
loan loan_tenure_months_check CHECK (((tenure_months >= 1) AND (tenure_months <= 360)))
loan_event loan_event_pkey PRIMARY KEY (tenant_id, loan_id, seq)
loan_set_aside loan_set_aside_pkey PRIMARY KEY (tenant_id, loan_id)
loan_tranche loan_tranche_amount_check CHECK ((amount > (0)::numeric))
loan_tranche loan_tranche_number_check CHECK ((number > 0))
loan_tranche loan_tranche_paid CHECK (((paid_on IS NULL) = (journal_id IS NULL)))
loan_tranche loan_tranche_pkey PRIMARY KEY (tenant_id, loan_id, number)
login_throttle login_throttle_pkey PRIMARY KEY (subject)
mandate mandate_customer_check CHECK (((length(customer) >= 1) AND (length(customer) <= 100)))
mandate mandate_email_check CHECK (((length(email) >= 3) AND (length(email) <= 254)))
mandate mandate_max_amount_check CHECK (((max_amount > (0)::numeric) AND (max_amount < '1000000000000000'::numeric)))
mandate mandate_method_check CHECK ((method = ANY (ARRAY['emandate'::text, 'nach'::text, 'upi'::text, 'card'::text])))
mandate mandate_phone_check CHECK (((length(phone) >= 5) AND (length(phone) <= 20)))
mandate mandate_pkey PRIMARY KEY (tenant_id, id)
mandate mandate_state_check CHECK ((state = ANY (ARRAY['active'::text, 'revoked'::text])))
mandate mandate_token UNIQUE (tenant_id, gateway, token)
mandate mandate_token_check CHECK (((length(token) >= 1) AND (length(token) <= 100)))
mandate_debit mandate_debit_amount_check CHECK (((amount > (0)::numeric) AND (amount < '1000000000000000'::numeric)))
mandate_debit mandate_debit_attempt UNIQUE (tenant_id, loan_id, instalment, attempt)
mandate_debit mandate_debit_attempt_check CHECK (((attempt >= 1) AND (attempt <= 100)))
mandate_debit mandate_debit_instalment_check CHECK ((instalment > 0))
mandate_debit mandate_debit_order UNIQUE (tenant_id, order_id)
mandate_debit mandate_debit_pkey PRIMARY KEY (tenant_id, id)
mandate_debit mandate_debit_state_check CHECK ((state = ANY (ARRAY['created'::text, 'presenting'::text, 'unknown'::text, 'pending'::text, 'captured'::text, 'bounced'::text, 'returned'::text])))
mandate_debit mandate_debit_tenant_id_mandate_id_fkey FOREIGN KEY (tenant_id, mandate_id) REFERENCES mandate(tenant_id, id)
mandate_debit mandate_debit_tenant_id_order_id_fkey FOREIGN KEY (tenant_id, order_id) REFERENCES collection_order(tenant_id, id)
notice_rule notice_rule_category_check CHECK ((category = ANY (ARRAY['transactional'::text, 'reminder'::text, 'marketing'::text])))
notice_rule notice_rule_channels_check CHECK ((((cardinality(channels) >= 1) AND (cardinality(channels) <= 3)) AND (channels <@ ARRAY['email'::text, 'sms'::text, 'push'::text])))
notice_rule notice_rule_moment_check CHECK ((moment = ANY (ARRAY['before-due'::text, 'on-due'::text, 'after-due'::text])))
notice_rule notice_rule_name_check CHECK ((name ~ '^[a-z][a-z0-9-]{0,62}$'::text))
notice_rule notice_rule_pkey PRIMARY KEY (tenant_id, name)
notice_rule notice_rule_state_check CHECK ((state = ANY (ARRAY['enabled'::text, 'disabled'::text])))
notice_rule notice_rule_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(tenant_id)
notification_attempt notification_attempt_check CHECK (((ended_at IS NULL) = (outcome IS NULL)))
notification_attempt notification_attempt_outcome_check CHECK ((outcome = ANY (ARRAY['sent'::text, 'again'::text, 'unknown'::text, 'rejected'::text, 'dead-address'::text, 'locked-out'::text])))
notification_attempt notification_attempt_pkey PRIMARY KEY (tenant_id, message_id, number)
notification_dlt_rejection notification_dlt_rejection_pkey PRIMARY KEY (tenant_id, template, business_date)
notification_gathering notification_gathering_check CHECK (((message_id IS NULL) = (item IS NULL)))
notification_gathering notification_gathering_pkey PRIMARY KEY (tenant_id, job_id)
notification_lane_hold notification_lane_hold_channel_check CHECK ((channel = ANY (ARRAY['email'::text, 'sms'::text, 'push'::text])))
notification_lane_hold notification_lane_hold_pkey PRIMARY KEY (tenant_id, channel)
notification_lane_hold notification_lane_hold_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(tenant_id)
notification_message notification_message_channel UNIQUE (tenant_id, notification_id, channel)
notification_message notification_message_channel_check CHECK ((channel = ANY (ARRAY['email'::text, 'sms'::text, 'push'::text])))
notification_message notification_message_pkey PRIMARY KEY (tenant_id, id)
notification_message notification_message_state_check CHECK ((state = ANY (ARRAY['sending'::text, 'sent'::text, 'delivered'::text, 'bounced'::text, 'failed'::text, 'stopped'::text])))
notification_policy notification_policy_channel_check CHECK ((channel = ANY (ARRAY['email'::text, 'sms'::text, 'push'::text])))
notification_policy notification_policy_pkey PRIMARY KEY (tenant_id, channel)
notification_policy notification_policy_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(tenant_id)
notification_provider notification_provider_channel_check CHECK ((channel = ANY (ARRAY['email'::text, 'sms'::text, 'push'::text])))
notification_provider notification_provider_pkey PRIMARY KEY (tenant_id, channel, provider)
notification_provider notification_provider_place_check CHECK (((place >= 1) AND (place <= 9)))
notification_provider notification_provider_state_check CHECK ((state = ANY (ARRAY['enabled'::text, 'disabled'::text])))
notification_provider notification_provider_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(tenant_id)
notification_receipt notification_receipt_id UNIQUE (tenant_id, id)
notification_receipt notification_receipt_pkey PRIMARY KEY (tenant_id, provider, same_as)
notification_receipt notification_receipt_way_check CHECK ((way = ANY (ARRAY['told'::text, 'asked'::text])))
notification_receipt_address notification_receipt_address_allowed_check CHECK ((cardinality(allowed) <= 50))
notification_receipt_address notification_receipt_address_check CHECK (((former_hash IS NULL) = (former_until IS NULL)))
notification_receipt_address notification_receipt_address_pkey PRIMARY KEY (tenant_id, provider)
notification_receipt_address notification_receipt_address_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(tenant_id)
notification_receipt_applied notification_receipt_applied_pkey PRIMARY KEY (tenant_id, receipt_id)
notification_suppression notification_suppression_channel_check CHECK ((channel = ANY (ARRAY['email'::text, 'sms'::text, 'push'::text])))
notification_suppression notification_suppression_id UNIQUE (tenant_id, id)
notification_suppression notification_suppression_pkey PRIMARY KEY (tenant_id, channel, address)
notification_suppression notification_suppression_reason_check CHECK ((reason = ANY (ARRAY['dead-address'::text, 'bounced'::text, 'spam'::text, 'opted-out'::text, 'asked'::text])))
notification_suppression notification_suppression_stops_check CHECK ((stops = ANY (ARRAY['marketing'::text, 'all-but-transactional'::text, 'everything'::text])))
notification_suppression notification_suppression_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(tenant_id)
notification_template notification_template_category_check CHECK ((category = ANY (ARRAY['transactional'::text, 'reminder'::text, 'marketing'::text])))
notification_template notification_template_check CHECK ((((category IS NULL) = (parts IS NULL)) AND ((parts IS NOT NULL) OR (variables IS NULL))))
notification_template notification_template_locale_check CHECK ((locale ~ '^[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?$'::text))
notification_template notification_template_name_check CHECK ((name ~ '^[a-z][a-z0-9-]{0,62}$'::text))
notification_template notification_template_pkey PRIMARY KEY (tenant_id, name, locale, version)
notification_template notification_template_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(tenant_id)
notification_template notification_template_version_check CHECK ((version > 0))
operator operator_email UNIQUE (email)
operator operator_email_check CHECK (((email = lower(email)) AND (email ~ '^[^@\s]+@[^@\s]+$'::text) AND (length(email) <= 254)))
operator operator_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200)))
operator operator_password_hash_check CHECK ((password_hash ~~ '$argon2id$%'::text))
operator operator_pkey PRIMARY KEY (tenant_id, id)
operator operator_role_check CHECK ((role = ANY (ARRAY['viewer'::text, 'operator'::text, 'approver'::text, 'admin'::text])))
operator operator_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(tenant_id)
payment_exception payment_exception_check CHECK (((resolved_at IS NULL) = (resolution IS NULL)))
payment_exception payment_exception_pkey PRIMARY KEY (tenant_id, id)
payment_gateway payment_gateway_account_number_check CHECK ((account_number ~ '^[A-Za-z0-9]{5,35}$'::text))
payment_gateway payment_gateway_check CHECK (((former_webhook_secret IS NULL) = (former_webhook_secret_until IS NULL)))
payment_gateway payment_gateway_gateway_check CHECK ((gateway ~ '^[a-z][a-z0-9-]{1,39}$'::text))
payment_gateway payment_gateway_key_id_check CHECK (((length(key_id) >= 1) AND (length(key_id) <= 100)))
payment_gateway payment_gateway_pkey PRIMARY KEY (tenant_id, gateway)
payment_gateway payment_gateway_state_check CHECK ((state = ANY (ARRAY['enabled'::text, 'disabled'::text])))
payment_gateway payment_gateway_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(tenant_id)
payment_move payment_move_evidence_check CHECK ((evidence = ANY (ARRAY['answer'::text, 'event'::text, 'poll'::text, 'statement'::text, 'person'::text, 'machine'::text])))
payment_move payment_move_kind_check CHECK ((kind = ANY (ARRAY['payout'::text, 'collection'::text, 'refund'::text, 'dispute'::text, 'mandate-debit'::text, 'account-check'::text])))
payment_move payment_move_pkey PRIMARY KEY (tenant_id, subject, seq)
payment_move payment_move_seq_check CHECK ((seq > 0))
payout payout_amount_check CHECK (((amount > (0)::numeric) AND (amount < '1000000000000000000'::numeric)))
payout payout_attempt UNIQUE (tenant_id, instruction_id, attempt)
payout payout_attempt_check CHECK (((attempt >= 1) AND (attempt <= 20)))
payout payout_bank_account FOREIGN KEY (tenant_id, bank_account_id) REFERENCES bank_account(tenant_id, id)
payout payout_check CHECK (((tax >= (0)::numeric) AND (tax <= fees)))
payout payout_check1 CHECK ((((attempt = 1) = (previous_id IS NULL)) AND ((attempt = 1) = (instruction_id = id))))
payout payout_check2 CHECK (((purpose = 'disbursal'::text) = (loan_id IS NOT NULL)))
payout payout_fees_check CHECK ((fees >= (0)::numeric))
payout payout_mode_check CHECK ((mode = ANY (ARRAY['IMPS'::text, 'NEFT'::text, 'RTGS'::text, 'UPI'::text])))
payout payout_pkey PRIMARY KEY (tenant_id, id)
payout payout_previous FOREIGN KEY (tenant_id, previous_id) REFERENCES payout(tenant_id, id)
payout payout_purpose_check CHECK ((purpose = ANY (ARRAY['disbursal'::text, 'withdrawal'::text])))
payout payout_state_check CHECK ((state = ANY (ARRAY['approved'::text, 'submitting'::text, 'unknown'::text, 'suspense'::text, 'pending'::text, 'queued'::text, 'scheduled'::text, 'processing'::text, 'succeeded'::text, 'failed'::text, 'reversed'::text, 'cancelled'::text, 'rejected'::text])))
product product_amount_min_check CHECK ((amount_min > (0)::numeric))
product product_annual_rate_check CHECK (((annual_rate >= (0)::numeric) AND (annual_rate < (10)::numeric)))
product product_check CHECK (((amount_max >= amount_min) AND (amount_max < '1000000000000000'::numeric)))
product product_check1 CHECK (((tenure_max >= tenure_min) AND (tenure_max <= 360)))
product product_code_check CHECK ((code ~ '^[a-z][a-z0-9-]{0,49}$'::text))
product product_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text))
product product_foir_max_check CHECK (((foir_max > (0)::numeric) AND (foir_max <= (1)::numeric)))
product product_pkey PRIMARY KEY (tenant_id, code, version)
product product_reapply_days_check CHECK ((reapply_days >= 0))
product product_score_min_check CHECK (((score_min >= 300) AND (score_min <= 900)))
product product_tenure_min_check CHECK ((tenure_min > 0))
product product_version_check CHECK ((version > 0))
reconciliation reconciliation_pkey PRIMARY KEY (tenant_id, id)
reconciliation reconciliation_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(tenant_id)
reconciliation_break reconciliation_break_check CHECK (((state = 'open'::text) = (resolution IS NULL)))
reconciliation_break reconciliation_break_check1 CHECK (((state = 'resolved'::text) = (resolved_at IS NOT NULL)))
reconciliation_break reconciliation_break_leg_check CHECK ((leg = ANY (ARRAY['gateway'::text, 'bank'::text])))
reconciliation_break reconciliation_break_pkey PRIMARY KEY (tenant_id, id)
reconciliation_break reconciliation_break_result_check CHECK ((result = ANY (ARRAY['missing-here'::text, 'missing-there'::text, 'amount'::text, 'fee'::text, 'tax'::text, 'duplicate'::text, 'status'::text, 'currency'::text, 'late'::text, 'explained'::text])))
reconciliation_break reconciliation_break_state_check CHECK ((state = ANY (ARRAY['open'::text, 'explained'::text, 'resolved'::text])))
reconciliation_break reconciliation_break_subject UNIQUE NULLS NOT DISTINCT (tenant_id, subject_kind, gateway, subject)
reconciliation_break reconciliation_break_subject_kind_check CHECK ((subject_kind = ANY (ARRAY['payout'::text, 'collection'::text, 'refund'::text, 'settlement'::text, 'adjustment'::text, 'bank-line'::text, 'account-check'::text])))
reconciliation_break reconciliation_break_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(tenant_id)
refund refund_amount_check CHECK (((amount > (0)::numeric) AND (amount < '1000000000000000'::numeric)))
refund refund_attempt UNIQUE (tenant_id, instruction_id, attempt)
refund refund_attempt_check CHECK (((attempt >= 1) AND (attempt <= 20)))
refund refund_check CHECK (((attempt = 1) = (instruction_id = id)))
refund refund_pkey PRIMARY KEY (tenant_id, id)
refund refund_state_check CHECK ((state = ANY (ARRAY['requested'::text, 'unknown'::text, 'suspense'::text, 'pending'::text, 'processed'::text, 'failed'::text])))
refund refund_tenant_id_collection_id_fkey FOREIGN KEY (tenant_id, collection_id) REFERENCES collection(tenant_id, id)
schedule_run schedule_run_pkey PRIMARY KEY (tenant_id, schedule, business_date)
schedule_version schedule_version_annual_rate_check CHECK ((annual_rate >= (0)::numeric))
schedule_version schedule_version_pkey PRIMARY KEY (tenant_id, loan_id, version)
schedule_version schedule_version_version_check CHECK ((version > 1))
score_move score_move_cause UNIQUE (tenant_id, cause)
score_move score_move_number_check CHECK ((number > 0))
score_move score_move_pkey PRIMARY KEY (tenant_id, borrower_id, number)
score_move score_move_reason_check CHECK ((reason = ANY (ARRAY['repayment'::text, 'deposit'::text, 'missed-due'::text, 'taken-back'::text])))
seal seal_hash_check CHECK ((octet_length(hash) = 32))
seal seal_leaves_check CHECK ((leaves > 0))
seal seal_number_check CHECK ((number > 0))
seal seal_pkey PRIMARY KEY (tenant_id, number)
seal seal_prev_hash_check CHECK ((octet_length(prev_hash) = 32))
seal seal_root_check CHECK ((octet_length(root) = 32))
seal seal_signature_check CHECK ((octet_length(signature) = 64))
seal_range seal_range_check CHECK ((to_seq >= from_seq))
seal_range seal_range_pkey PRIMARY KEY (tenant_id, seal_number, stream_id)
seal_range seal_range_place UNIQUE (tenant_id, stream_id, from_seq)
service service_keys CHECK ((num_nonnulls(jwks, jwks_url) = 1))
service service_name_check CHECK ((name ~ '^[a-z][a-z0-9-]{0,62}$'::text))
service service_pkey PRIMARY KEY (tenant_id, name)
service service_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(tenant_id)
session session_operator FOREIGN KEY (tenant_id, operator_id) REFERENCES operator(tenant_id, id)
session session_pkey PRIMARY KEY (tenant_id, id)
session session_token UNIQUE (token_hash)
settlement settlement_pkey PRIMARY KEY (tenant_id, gateway, id)
settlement settlement_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(tenant_id)
statement_load statement_load_check CHECK (((kind = 'bank'::text) = (gateway IS NULL)))
statement_load statement_load_check1 CHECK (((loaded_at IS NULL) OR ((content_hash IS NOT NULL) AND ((from_on IS NULL) = (to_on IS NULL)))))
statement_load statement_load_content_hash_check CHECK ((octet_length(content_hash) = 32))
statement_load statement_load_kind_check CHECK ((kind = ANY (ARRAY['bank'::text, 'settlement'::text, 'account'::text])))
statement_load statement_load_pkey PRIMARY KEY (tenant_id, id)
statement_load statement_load_source_check CHECK (((length(source) >= 1) AND (length(source) <= 200)))
statement_load statement_load_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(tenant_id)
stream stream_check CHECK (((sealed_seq >= 0) AND (sealed_seq <= head_seq)))
stream stream_pkey PRIMARY KEY (tenant_id, id)
tenant tenant_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text))
tenant tenant_pkey PRIMARY KEY (tenant_id)
tenant tenant_tenant_id_check CHECK ((tenant_id ~ '^[a-z][a-z0-9-]{0,30}$'::text))
tenant_setting tenant_setting_name_check CHECK ((name ~ '^[a-z][a-z0-9-]{0,49}$'::text))
tenant_setting tenant_setting_pkey PRIMARY KEY (tenant_id, name)
tenant_setting tenant_setting_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(tenant_id)
unfollowed unfollowed_pkey PRIMARY KEY (tenant_id, number)
wallet wallet_pkey PRIMARY KEY (tenant_id, id)
wallet_hold wallet_hold_amount_check CHECK (((amount > (0)::numeric) AND (amount < '1000000000000000000'::numeric)))
wallet_hold wallet_hold_captured CHECK (((state = 'captured'::text) = (captured IS NOT NULL)))
wallet_hold wallet_hold_check CHECK (((captured > (0)::numeric) AND (captured <= amount)))
wallet_hold wallet_hold_ended CHECK (((state = 'held'::text) = ((ended_at IS NULL) AND (ended_by IS NULL))))
wallet_hold wallet_hold_pkey PRIMARY KEY (tenant_id, id)
wallet_hold wallet_hold_state_check CHECK ((state = ANY (ARRAY['held'::text, 'released'::text, 'captured'::text, 'expired'::text])))
webhook_endpoint webhook_endpoint_check CHECK ((((state = 'disabled'::text) = (disabled_at IS NOT NULL)) AND ((state = 'disabled'::text) = (disabled_reason IS NOT NULL))))
webhook_endpoint webhook_endpoint_check1 CHECK (((former_secret IS NULL) = (former_secret_until IS NULL)))
webhook_endpoint webhook_endpoint_description_check CHECK ((length(description) <= 200))
webhook_endpoint webhook_endpoint_disabled_reason_check CHECK ((disabled_reason = ANY (ARRAY['asked'::text, 'gone'::text, 'failing'::text])))
webhook_endpoint webhook_endpoint_event_types_check CHECK (((cardinality(event_types) >= 1) AND (cardinality(event_types) <= 50)))
webhook_endpoint webhook_endpoint_pkey PRIMARY KEY (tenant_id, id)
webhook_endpoint webhook_endpoint_state_check CHECK ((state = ANY (ARRAY['enabled'::text, 'disabled'::text])))
webhook_endpoint webhook_endpoint_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(tenant_id)
webhook_endpoint webhook_endpoint_url UNIQUE (tenant_id, url)
webhook_endpoint webhook_endpoint_url_check CHECK ((length(url) <= 2000))

-- Indexes
CREATE INDEX accrual_of_day ON public.accrual USING brin (business_date)
CREATE INDEX application_of_borrower ON public.application USING btree (tenant_id, borrower_id, id)
CREATE INDEX application_undecided ON public.application USING btree (tenant_id) WHERE (state = ANY (ARRAY['applied'::text, 'checking'::text]))
CREATE INDEX approval_expiring ON public.approval USING btree (tenant_id, expires_at) WHERE (state = 'proposed'::text)
CREATE INDEX bank_account_check_cost ON public.bank_account_check USING btree (tenant_id, id) WHERE ((provider_id IS NOT NULL) AND (fees IS NULL))
CREATE INDEX bank_account_check_open ON public.bank_account_check USING btree (tenant_id, id) WHERE ((amount IS NOT NULL) AND (closed_at IS NULL))
CREATE INDEX bank_account_check_utr ON public.bank_account_check USING btree (tenant_id, utr) WHERE (utr IS NOT NULL)
CREATE INDEX bank_account_of_borrower ON public.bank_account USING btree (tenant_id, borrower_id, id)
CREATE INDEX bank_line_utr ON public.bank_line USING btree (tenant_id, utr) WHERE (utr IS NOT NULL)
CREATE INDEX borrower_device_of ON public.borrower_device USING btree (tenant_id, borrower_id, added_at)
CREATE INDEX callback_event_of ON public.callback_event USING btree (tenant_id, gateway, object, id)
CREATE INDEX callback_event_waiting ON public.callback_event USING btree (tenant_id, received_at) WHERE (applied_at IS NULL)
CREATE INDEX collection_not_settled ON public.collection USING btree (tenant_id, id) WHERE (state = ANY (ARRAY['captured'::text, 'won'::text]))
CREATE INDEX collection_of_loan ON public.collection USING btree (tenant_id, loan_id, id) WHERE (loan_id IS NOT NULL)
CREATE INDEX collection_of_order ON public.collection USING btree (tenant_id, order_id) WHERE (order_id IS NOT NULL)
CREATE INDEX collection_order_of_loan ON public.collection_order USING btree (tenant_id, loan_id, id) WHERE (loan_id IS NOT NULL)
CREATE INDEX collection_order_to_look_at ON public.collection_order USING btree (tenant_id, next_look_at) WHERE (next_look_at IS NOT NULL)
CREATE INDEX collection_unallocated ON public.collection USING btree (tenant_id, id) WHERE (unallocated > (0)::numeric)
CREATE INDEX dispute_of_collection ON public.dispute USING btree (tenant_id, collection_id, id)
CREATE INDEX entry_of_account ON public.entry USING btree (tenant_id, account_id, journal_id)
CREATE INDEX event_of_type ON public.event USING btree (tenant_id, type, id)
CREATE INDEX event_subject_waiting ON public.event_subject USING btree (tenant_id, subject) WHERE (fanned_seq < seq)
CREATE INDEX foreclosure_quote_lapsing ON public.foreclosure_quote USING btree (tenant_id, valid_until) WHERE (state = 'open'::text)
CREATE INDEX foreclosure_quote_of_loan ON public.foreclosure_quote USING btree (tenant_id, loan_id, id)
CREATE INDEX gateway_line_about ON public.gateway_line USING btree (tenant_id, gateway, about)
CREATE INDEX gateway_line_settlement ON public.gateway_line USING btree (tenant_id, gateway, settlement) WHERE (settlement IS NOT NULL)
CREATE INDEX gateway_line_utr ON public.gateway_line USING btree (tenant_id, utr) WHERE (utr IS NOT NULL)
CREATE INDEX job_cancelled ON public.job USING btree (rested_at) WHERE (state = 'cancelled'::text)
CREATE INDEX job_due ON public.job USING btree (sweep_at) WHERE (state = 'pending'::text)
CREATE INDEX job_of_held_lane ON public.job USING btree (tenant_id, kind, run_at) WHERE ((code = 'lane-held'::text) AND (state = ANY (ARRAY['held'::text, 'pending'::text])))
CREATE INDEX job_rested ON public.job USING btree (tenant_id, rested_at) WHERE (state = ANY (ARRAY['done'::text, 'cancelled'::text]))
CREATE INDEX job_troubled ON public.job USING btree (tenant_id, state, id) WHERE (state = ANY (ARRAY['dead'::text, 'held'::text]))
CREATE INDEX job_turn ON public.job USING btree (tenant_id, ordering_key, id) WHERE ((ordering_key IS NOT NULL) AND (state = ANY (ARRAY['pending'::text, 'held'::text, 'dead'::text])))
CREATE INDEX journal_of_day ON public.journal USING btree (tenant_id, business_date)
CREATE INDEX loan_of_wallet ON public.loan USING btree (tenant_id, wallet_id, id)
CREATE INDEX loan_with_work ON public.loan USING btree (tenant_id, next_work_on) WHERE (next_work_on IS NOT NULL)
CREATE INDEX login_throttle_age ON public.login_throttle USING btree (last_at)
CREATE INDEX mandate_of_loan ON public.mandate USING btree (tenant_id, loan_id, id)
CREATE INDEX notification_attempt_unclear ON public.notification_attempt USING btree (began_at) WHERE (outcome = 'unknown'::text)
CREATE INDEX notification_attempt_unknown ON public.notification_attempt USING btree (tenant_id, provider, began_at) WHERE (outcome = 'unknown'::text)
CREATE INDEX notification_gathered ON public.notification_gathering USING btree (tenant_id, message_id) WHERE (message_id IS NOT NULL)
CREATE INDEX notification_message_at_provider ON public.notification_message USING btree (tenant_id, provider, provider_id) WHERE (provider_id IS NOT NULL)
CREATE INDEX notification_message_lately ON public.notification_message USING brin (created_at) WITH (autosummarize='on')
CREATE INDEX notification_message_recipient ON public.notification_message USING btree (tenant_id, recipient, counted_at)
CREATE INDEX notification_message_to_ask ON public.notification_message USING btree (tenant_id, ask_at) WHERE (ask_at IS NOT NULL)
CREATE INDEX notification_receipt_of ON public.notification_receipt_applied USING btree (tenant_id, message_id, receipt_id) WHERE (message_id IS NOT NULL)
CREATE INDEX payment_exception_of ON public.payment_exception USING btree (tenant_id, subject)
CREATE INDEX payment_exception_open ON public.payment_exception USING btree (tenant_id, id) WHERE (resolved_at IS NULL)
CREATE INDEX payout_not_closed ON public.payout USING btree (tenant_id, id) WHERE ((settled_at IS NOT NULL) AND (closed_at IS NULL))
CREATE INDEX payout_of_wallet ON public.payout USING btree (tenant_id, wallet_id, id)
CREATE INDEX payout_open ON public.payout USING btree (tenant_id, state, id) WHERE (state = ANY (ARRAY['approved'::text, 'submitting'::text, 'unknown'::text, 'suspense'::text, 'pending'::text, 'queued'::text, 'scheduled'::text, 'processing'::text]))
CREATE INDEX payout_reversed ON public.payout USING btree (tenant_id, id) WHERE ((state = 'reversed'::text) AND (settled_at IS NOT NULL))
CREATE INDEX payout_to_look_at ON public.payout USING btree (tenant_id, next_look_at) WHERE (next_look_at IS NOT NULL)
CREATE INDEX payout_utr ON public.payout USING btree (tenant_id, utr) WHERE (utr IS NOT NULL)
CREATE INDEX reconciliation_break_standing ON public.reconciliation_break USING btree (tenant_id, id) WHERE (state <> 'resolved'::text)
CREATE INDEX refund_not_settled ON public.refund USING btree (tenant_id, id) WHERE ((settled_on IS NULL) AND (state <> 'failed'::text) AND (provider_id IS NOT NULL))
CREATE INDEX refund_of_collection ON public.refund USING btree (tenant_id, collection_id, id)
CREATE INDEX refund_to_look_at ON public.refund USING btree (tenant_id, next_look_at) WHERE (next_look_at IS NOT NULL)
CREATE INDEX session_of_operator ON public.session USING btree (tenant_id, operator_id)
CREATE INDEX settlement_not_posted ON public.settlement USING btree (tenant_id, gateway, id) WHERE (journal_id IS NULL)
CREATE INDEX settlement_utr ON public.settlement USING btree (tenant_id, utr) WHERE (utr IS NOT NULL)
CREATE INDEX stream_unsealed ON public.stream USING btree (tenant_id, id) WHERE (head_seq > sealed_seq)
CREATE INDEX wallet_hold_expiring ON public.wallet_hold USING btree (tenant_id, expires_at, id) WHERE (state = 'held'::text)
CREATE INDEX wallet_hold_of_wallet ON public.wallet_hold USING btree (tenant_id, wallet_id, id)
CREATE INDEX wallet_owner ON public.wallet USING btree (tenant_id, owner)
CREATE UNIQUE INDEX account_code ON public.account USING btree (tenant_id, code)
CREATE UNIQUE INDEX account_pkey ON public.account USING btree (tenant_id, id)
CREATE UNIQUE INDEX account_snapshot_pkey ON public.account_snapshot USING btree (tenant_id, account_id, seal_number)
CREATE UNIQUE INDEX accrual_correction_pkey ON public.accrual_correction USING btree (tenant_id, loan_id, id)
CREATE UNIQUE INDEX accrual_pkey ON public.accrual USING btree (tenant_id, loan_id, component, instalment, chargeable_day)
CREATE UNIQUE INDEX application_pkey ON public.application USING btree (tenant_id, id)
CREATE UNIQUE INDEX application_reference ON public.application USING btree (tenant_id, reference)
CREATE UNIQUE INDEX approval_as_proposed ON public.approval USING btree (tenant_id, id, proposed_by, payload_hash)
CREATE UNIQUE INDEX approval_pkey ON public.approval USING btree (tenant_id, id)
CREATE UNIQUE INDEX approval_standing ON public.approval USING btree (tenant_id, action, payload_hash) WHERE (state = 'proposed'::text)
CREATE UNIQUE INDEX approval_vote_pkey ON public.approval_vote USING btree (tenant_id, approval_id, voter)
CREATE UNIQUE INDEX audit_pkey ON public.audit USING btree (tenant_id, id)
CREATE UNIQUE INDEX bank_account_check_attempt ON public.bank_account_check USING btree (tenant_id, bank_account_id, attempt)
CREATE UNIQUE INDEX bank_account_check_pkey ON public.bank_account_check USING btree (tenant_id, id)
CREATE UNIQUE INDEX bank_account_check_provider ON public.bank_account_check USING btree (tenant_id, gateway, provider_id) WHERE (provider_id IS NOT NULL)
CREATE UNIQUE INDEX bank_account_once ON public.bank_account USING btree (tenant_id, borrower_id, ifsc, account_number, vpa) NULLS NOT DISTINCT
CREATE UNIQUE INDEX bank_account_pkey ON public.bank_account USING btree (tenant_id, id)
CREATE UNIQUE INDEX bank_line_pkey ON public.bank_line USING btree (tenant_id, load_id, line)
CREATE UNIQUE INDEX borrower_device_pkey ON public.borrower_device USING btree (tenant_id, token)
CREATE UNIQUE INDEX borrower_pkey ON public.borrower USING btree (tenant_id, id)
CREATE UNIQUE INDEX borrower_reference ON public.borrower USING btree (tenant_id, reference)
CREATE UNIQUE INDEX borrower_score_pkey ON public.borrower_score USING btree (tenant_id, borrower_id)
CREATE UNIQUE INDEX business_day_pkey ON public.business_day USING btree (tenant_id, business_date)
CREATE UNIQUE INDEX callback_event_id ON public.callback_event USING btree (tenant_id, id)
CREATE UNIQUE INDEX callback_event_pkey ON public.callback_event USING btree (tenant_id, gateway, event_id)
CREATE UNIQUE INDEX collection_allocation_pkey ON public.collection_allocation USING btree (tenant_id, collection_id, seq)
CREATE UNIQUE INDEX collection_allocation_reference ON public.collection_allocation USING btree (tenant_id, reference)
CREATE UNIQUE INDEX collection_order_pkey ON public.collection_order USING btree (tenant_id, id)
CREATE UNIQUE INDEX collection_order_provider ON public.collection_order USING btree (tenant_id, gateway, provider_id) WHERE (provider_id IS NOT NULL)
CREATE UNIQUE INDEX collection_order_reference ON public.collection_order USING btree (tenant_id, purpose, reference)
CREATE UNIQUE INDEX collection_pkey ON public.collection USING btree (tenant_id, id)
CREATE UNIQUE INDEX collection_provider ON public.collection USING btree (tenant_id, gateway, provider_id)
CREATE UNIQUE INDEX day_chunk_pkey ON public.day_chunk USING btree (tenant_id, business_date, number)
CREATE UNIQUE INDEX dispute_pkey ON public.dispute USING btree (tenant_id, id)
CREATE UNIQUE INDEX dispute_provider ON public.dispute USING btree (tenant_id, gateway, provider_id)
CREATE UNIQUE INDEX entry_pkey ON public.entry USING btree (tenant_id, journal_id, line)
CREATE UNIQUE INDEX event_listener_pkey ON public.event_listener USING btree (tenant_id, name)
CREATE UNIQUE INDEX event_pkey ON public.event USING btree (tenant_id, id)
CREATE UNIQUE INDEX event_seq ON public.event USING btree (tenant_id, subject, seq)
CREATE UNIQUE INDEX event_subject_pkey ON public.event_subject USING btree (tenant_id, subject)
CREATE UNIQUE INDEX foreclosure_quote_pkey ON public.foreclosure_quote USING btree (tenant_id, id)
CREATE UNIQUE INDEX fraud_alert_burst ON public.fraud_alert USING btree (tenant_id, account_id, journal_id)
CREATE UNIQUE INDEX fraud_alert_pkey ON public.fraud_alert USING btree (tenant_id, id)
CREATE UNIQUE INDEX fraud_watch_pkey ON public.fraud_watch USING btree (tenant_id, account_id)
CREATE UNIQUE INDEX gateway_line_pkey ON public.gateway_line USING btree (tenant_id, load_id, line)
CREATE UNIQUE INDEX holiday_pkey ON public.holiday USING btree (tenant_id, on_date)
CREATE UNIQUE INDEX instalment_pkey ON public.instalment USING btree (tenant_id, loan_id, number)
CREATE UNIQUE INDEX job_archive_default_pkey ON public.job_archive_default USING btree (tenant_id, id, rested_at)
CREATE UNIQUE INDEX job_archive_pkey ON ONLY public.job_archive USING btree (tenant_id, id, rested_at)
CREATE UNIQUE INDEX job_attempt_pkey ON public.job_attempt USING btree (tenant_id, job_id, attempt, ended_at)
CREATE UNIQUE INDEX job_cancellation_pkey ON public.job_cancellation USING btree (tenant_id, job_id)
CREATE UNIQUE INDEX job_key ON public.job USING btree (tenant_id, kind, key)
CREATE UNIQUE INDEX job_key_archive_pkey ON public.job_key_archive USING btree (tenant_id, kind, key)
CREATE UNIQUE INDEX job_pkey ON public.job USING btree (tenant_id, id)
CREATE UNIQUE INDEX journal_key ON public.journal USING btree (tenant_id, key)
CREATE UNIQUE INDEX journal_pkey ON public.journal USING btree (tenant_id, id)
CREATE UNIQUE INDEX journal_place ON public.journal USING btree (tenant_id, stream_id, seq)
CREATE UNIQUE INDEX journal_reverses ON public.journal USING btree (tenant_id, reverses) WHERE (reverses IS NOT NULL)
CREATE UNIQUE INDEX kill_switch_pkey ON public.kill_switch USING btree (tenant_id, kind)
CREATE UNIQUE INDEX kist_migration_pkey ON public.kist_migration USING btree (id)
CREATE UNIQUE INDEX late_payout_settled_pkey ON public.late_payout_settled USING btree (tenant_id, payout_id)
CREATE UNIQUE INDEX loan_application ON public.loan USING btree (tenant_id, application_id) WHERE (application_id IS NOT NULL)
CREATE UNIQUE INDEX loan_event_pkey ON public.loan_event USING btree (tenant_id, loan_id, seq)
CREATE UNIQUE INDEX loan_event_reverses ON public.loan_event USING btree (tenant_id, loan_id, reverses) WHERE (reverses IS NOT NULL)
CREATE UNIQUE INDEX loan_pkey ON public.loan USING btree (tenant_id, id)
CREATE UNIQUE INDEX loan_set_aside_pkey ON public.loan_set_aside USING btree (tenant_id, loan_id)
CREATE UNIQUE INDEX loan_tranche_pkey ON public.loan_tranche USING btree (tenant_id, loan_id, number)
CREATE UNIQUE INDEX login_throttle_pkey ON public.login_throttle USING btree (subject)
CREATE UNIQUE INDEX mandate_debit_attempt ON public.mandate_debit USING btree (tenant_id, loan_id, instalment, attempt)
CREATE UNIQUE INDEX mandate_debit_one_live ON public.mandate_debit USING btree (tenant_id, loan_id, instalment) WHERE ((state <> ALL (ARRAY['bounced'::text, 'returned'::text])) AND (NOT contradicts))
CREATE UNIQUE INDEX mandate_debit_order ON public.mandate_debit USING btree (tenant_id, order_id)
CREATE UNIQUE INDEX mandate_debit_pkey ON public.mandate_debit USING btree (tenant_id, id)
CREATE UNIQUE INDEX mandate_pkey ON public.mandate USING btree (tenant_id, id)
CREATE UNIQUE INDEX mandate_token ON public.mandate USING btree (tenant_id, gateway, token)
CREATE UNIQUE INDEX notice_rule_pkey ON public.notice_rule USING btree (tenant_id, name)
CREATE UNIQUE INDEX notification_attempt_pkey ON public.notification_attempt USING btree (tenant_id, message_id, number)
CREATE UNIQUE INDEX notification_dlt_rejection_pkey ON public.notification_dlt_rejection USING btree (tenant_id, template, business_date)
CREATE UNIQUE INDEX notification_gathering_pkey ON public.notification_gathering USING btree (tenant_id, job_id)
CREATE UNIQUE INDEX notification_lane_hold_pkey ON public.notification_lane_hold USING btree (tenant_id, channel)
CREATE UNIQUE INDEX notification_message_channel ON public.notification_message USING btree (tenant_id, notification_id, channel)
CREATE UNIQUE INDEX notification_message_pkey ON public.notification_message USING btree (tenant_id, id)
CREATE UNIQUE INDEX notification_policy_pkey ON public.notification_policy USING btree (tenant_id, channel)
CREATE UNIQUE INDEX notification_provider_pkey ON public.notification_provider USING btree (tenant_id, channel, provider)
CREATE UNIQUE INDEX notification_receipt_address_pkey ON public.notification_receipt_address USING btree (tenant_id, provider)
CREATE UNIQUE INDEX notification_receipt_applied_pkey ON public.notification_receipt_applied USING btree (tenant_id, receipt_id)
CREATE UNIQUE INDEX notification_receipt_id ON public.notification_receipt USING btree (tenant_id, id)
CREATE UNIQUE INDEX notification_receipt_pkey ON public.notification_receipt USING btree (tenant_id, provider, same_as)
CREATE UNIQUE INDEX notification_suppression_id ON public.notification_suppression USING btree (tenant_id, id)
CREATE UNIQUE INDEX notification_suppression_pkey ON public.notification_suppression USING btree (tenant_id, channel, address)
CREATE UNIQUE INDEX notification_template_pkey ON public.notification_template USING btree (tenant_id, name, locale, version)
CREATE UNIQUE INDEX operator_email ON public.operator USING btree (email)
CREATE UNIQUE INDEX operator_pkey ON public.operator USING btree (tenant_id, id)
CREATE UNIQUE INDEX payment_exception_pkey ON public.payment_exception USING btree (tenant_id, id)
CREATE UNIQUE INDEX payment_gateway_pkey ON public.payment_gateway USING btree (tenant_id, gateway)
CREATE UNIQUE INDEX payment_move_pkey ON public.payment_move USING btree (tenant_id, subject, seq)
CREATE UNIQUE INDEX payout_attempt ON public.payout USING btree (tenant_id, instruction_id, attempt)
CREATE UNIQUE INDEX payout_of_loan ON public.payout USING btree (tenant_id, loan_id, reference) WHERE ((attempt = 1) AND (loan_id IS NOT NULL))
CREATE UNIQUE INDEX payout_one_live ON public.payout USING btree (tenant_id, instruction_id) WHERE ((state <> ALL (ARRAY['failed'::text, 'reversed'::text, 'cancelled'::text, 'rejected'::text])) AND (NOT contradicts))
CREATE UNIQUE INDEX payout_pkey ON public.payout USING btree (tenant_id, id)
CREATE UNIQUE INDEX payout_provider ON public.payout USING btree (tenant_id, gateway, provider_id) WHERE (provider_id IS NOT NULL)
CREATE UNIQUE INDEX payout_reference ON public.payout USING btree (tenant_id, purpose, reference) WHERE (attempt = 1)
CREATE UNIQUE INDEX product_pkey ON public.product USING btree (tenant_id, code, version)
CREATE UNIQUE INDEX reconciliation_break_pkey ON public.reconciliation_break USING btree (tenant_id, id)
CREATE UNIQUE INDEX reconciliation_break_subject ON public.reconciliation_break USING btree (tenant_id, subject_kind, gateway, subject) NULLS NOT DISTINCT
CREATE UNIQUE INDEX reconciliation_pkey ON public.reconciliation USING btree (tenant_id, id)
CREATE UNIQUE INDEX refund_attempt ON public.refund USING btree (tenant_id, instruction_id, attempt)
CREATE UNIQUE INDEX refund_one_live ON public.refund USING btree (tenant_id, instruction_id) WHERE (state <> 'failed'::text)
CREATE UNIQUE INDEX refund_pkey ON public.refund USING btree (tenant_id, id)
CREATE UNIQUE INDEX refund_provider ON public.refund USING btree (tenant_id, provider_id) WHERE (provider_id IS NOT NULL)
CREATE UNIQUE INDEX schedule_run_pkey ON public.schedule_run USING btree (tenant_id, schedule, business_date)
CREATE UNIQUE INDEX schedule_version_pkey ON public.schedule_version USING btree (tenant_id, loan_id, version)
CREATE UNIQUE INDEX score_move_cause ON public.score_move USING btree (tenant_id, cause)
CREATE UNIQUE INDEX score_move_pkey ON public.score_move USING btree (tenant_id, borrower_id, number)
CREATE UNIQUE INDEX seal_pkey ON public.seal USING btree (tenant_id, number)
CREATE UNIQUE INDEX seal_range_pkey ON public.seal_range USING btree (tenant_id, seal_number, stream_id)
CREATE UNIQUE INDEX seal_range_place ON public.seal_range USING btree (tenant_id, stream_id, from_seq)
CREATE UNIQUE INDEX service_pkey ON public.service USING btree (tenant_id, name)
CREATE UNIQUE INDEX session_pkey ON public.session USING btree (tenant_id, id)
CREATE UNIQUE INDEX session_token ON public.session USING btree (token_hash)
CREATE UNIQUE INDEX settlement_pkey ON public.settlement USING btree (tenant_id, gateway, id)
CREATE UNIQUE INDEX statement_load_content ON public.statement_load USING btree (tenant_id, kind, COALESCE(gateway, ''::text), content_hash) WHERE (loaded_at IS NOT NULL)
CREATE UNIQUE INDEX statement_load_pkey ON public.statement_load USING btree (tenant_id, id)
CREATE UNIQUE INDEX stream_pkey ON public.stream USING btree (tenant_id, id)
CREATE UNIQUE INDEX tenant_pkey ON public.tenant USING btree (tenant_id)
CREATE UNIQUE INDEX tenant_setting_pkey ON public.tenant_setting USING btree (tenant_id, name)
CREATE UNIQUE INDEX unfollowed_pkey ON public.unfollowed USING btree (tenant_id, number)
CREATE UNIQUE INDEX wallet_hold_pkey ON public.wallet_hold USING btree (tenant_id, id)
CREATE UNIQUE INDEX wallet_pkey ON public.wallet USING btree (tenant_id, id)
CREATE UNIQUE INDEX webhook_endpoint_pkey ON public.webhook_endpoint USING btree (tenant_id, id)
CREATE UNIQUE INDEX webhook_endpoint_url ON public.webhook_endpoint USING btree (tenant_id, url)

-- Policies
account own_tenant for ALL to public using (tenant_id = current_tenant()) check (tenant_id = current_tenant())
account_snapshot own_tenant for ALL to public using (tenant_id = current_tenant()) check (tenant_id = current_tenant())
accrual own_tenant for ALL to public using (tenant_id = current_tenant()) check (tenant_id = current_tenant())
accrual_correction own_tenant for ALL to public using (tenant_id = current_tenant()) check (tenant_id = current_tenant())
application own_tenant for ALL to public using (tenant_id = current_tenant()) check (tenant_id = current_tenant())
approval own_tenant for ALL to public using (tenant_id = current_tenant()) check (tenant_id = current_tenant())
approval_vote own_tenant for ALL to public using (tenant_id = current_tenant()) check (tenant_id = current_tenant())
audit own_tenant for ALL to public using (tenant_id = current_tenant()) check (tenant_id = current_tenant())
bank_account own_tenant for ALL to public using (tenant_id = current_tenant()) check (tenant_id = current_tenant())
bank_account_check own_tenant for ALL to public using (tenant_id = current_tenant()) check (tenant_id = current_tenant())
bank_line being_read for DELETE to public using (EXISTS ( SELECT
   FROM statement_load l
  WHERE ((l.tenant_id = current_tenant()) AND (l.id = bank_line.load_id) AND (l.loaded_at IS NULL))))
bank_line own_tenant for ALL to public using (tenant_id = current_tenant()) check (tenant_id = current_tenant())
borrower own_tenant for ALL to public using (tenant_id = current_tenant()) check (tenant_id = current_tenant())
borrower_device own_tenant for ALL to public using (tenant_id = current_tenant()) check (tenant_id = current_tenant())
borrower_score own_tenant for ALL to public using (tenant_id = current_tenant()) check (tenant_id = current_tenant())
business_day every_tenant for SELECT to kist_carrier using true
business_day own_tenant for ALL to public using (tenant_id = current_tenant()) check (tenant_id = current_tenant())
callback_event own_tenant for ALL to public using (tenant_id = current_tenant()) check (tenant_id = current_tenant())
collection own_tenant for ALL to public using (tenant_id = current_tenant()) check (tenant_id = current_tenant())
collection_allocation own_tenant for ALL to public using (tenant_id = current_tenant()) check (tenant_id = current_tenant())
collection_order every_tenant for SELECT to kist_carrier using true
collection_order own_tenant for ALL to public using (tenant_id = current_tenant()) check (tenant_id = current_tenant())
day_chunk every_tenant for SELECT to kist_carrier using true
day_chunk own_tenant for ALL to public using (tenant_id = current_tenant()) check (tenant_id = current_tenant())
dispute own_tenant for ALL to public using (tenant_id = current_tenant()) check (tenant_id = current_tenant())
entry own_tenant for ALL to public using (tenant_id = current_tenant()) check (tenant_id = current_tenant())
event own_tenant for ALL to public using (tenant_id = current_tenant()) check (tenant_id = current_tenant())
event_listener own_tenant for ALL to public using (tenant_id = current_tenant()) check (tenant_id = current_tenant())
event_subject every_tenant for SELECT to kist_carrier using true
event_subject own_tenant for ALL to public using (tenant_id = current_tenant()) check (tenant_id = current_tenant())
foreclosure_quote own_tenant for ALL to public using (tenant_id = current_tenant()) check (tenant_id = current_tenant())
fraud_alert own_tenant for ALL to public using (tenant_id = current_tenant()) check (tenant_id = current_tenant())
fraud_watch own_tenant for ALL to public using (tenant_id = current_tenant()) check (tenant_id = current_tenant())
gateway_line being_read for DELETE to public using (EXISTS ( SELECT
   FROM statement_load l
  WHERE ((l.tenant_id = current_tenant()) AND (l.id = gateway_line.load_id) AND (l.loaded_at IS NULL))))
gateway_line own_tenant for ALL to public using (tenant_id = current_tenant()) check (tenant_id = current_tenant())
holiday every_tenant for SELECT to kist_carrier using true
holiday own_tenant for ALL to public using (tenant_id = current_tenant()) check (tenant_id = current_tenant())
instalment own_tenant for ALL to public using (tenant_id = current_tenant()) check (tenant_id = current_tenant())
job every_tenant for ALL to kist_carrier using true check true
job own_tenant for ALL to public using (tenant_id = current_tenant()) check (tenant_id = current_tenant())
job_archive own_tenant for ALL to public using (tenant_id = current_tenant()) check (tenant_id = current_tenant())
job_archive_default own_tenant for ALL to public using (tenant_id = current_tenant()) check (tenant_id = current_tenant())
job_attempt own_tenant for ALL to public using (tenant_id = current_tenant()) check (tenant_id = current_tenant())
job_cancellation own_tenant for ALL to public using (tenant_id = current_tenant()) check (tenant_id = current_tenant())
job_key_archive own_tenant for ALL to public using (tenant_id = current_tenant()) check (tenant_id = current_tenant())
journal own_tenant for ALL to public using (tenant_id = current_tenant()) check (tenant_id = current_tenant())
kill_switch every_tenant for SELECT to kist_carrier using true
kill_switch for_everyone for SELECT to public using (tenant_id = '*'::text)
kill_switch own_tenant for ALL to public using (tenant_id = current_tenant()) check (tenant_id = current_tenant())
late_payout_settled every_tenant for SELECT to kist_carrier using true
late_payout_settled own_tenant for ALL to public using (tenant_id = current_tenant()) check (tenant_id = current_tenant())
loan own_tenant for ALL to public using (tenant_id = current_tenant()) check (tenant_id = current_tenant())
loan_event own_tenant for ALL to public using (tenant_id = current_tenant()) check (tenant_id = current_tenant())
loan_set_aside every_tenant for SELECT to kist_carrier using true
loan_set_aside own_tenant for ALL to public using (tenant_id = current_tenant()) check (tenant_id = current_tenant())
loan_tranche own_tenant for ALL to public using (tenant_id = current_tenant()) check (tenant_id = current_tenant())
login_throttle identity_only for ALL to kist_identity using true check true
mandate own_tenant for ALL to public using (tenant_id = current_tenant()) check (tenant_id = current_tenant())
mandate_debit own_tenant for ALL to public using (tenant_id = current_tenant()) check (tenant_id = current_tenant())
notice_rule own_tenant for ALL to public using (tenant_id = current_tenant()) check (tenant_id = current_tenant())
notification_attempt every_tenant for SELECT to kist_carrier using true
notification_attempt own_tenant for ALL to public using (tenant_id = current_tenant()) check (tenant_id = current_tenant())
notification_dlt_rejection own_tenant for ALL to public using (tenant_id = current_tenant()) check (tenant_id = current_tenant())
notification_gathering own_tenant for ALL to public using (tenant_id = current_tenant()) check (tenant_id = current_tenant())
notification_lane_hold every_tenant for SELECT to kist_carrier using true
notification_lane_hold own_tenant for ALL to public using (tenant_id = current_tenant()) check (tenant_id = current_tenant())
notification_message every_tenant for SELECT to kist_carrier using true
notification_message own_tenant for ALL to public using (tenant_id = current_tenant()) check (tenant_id = current_tenant())
notification_policy own_tenant for ALL to public using (tenant_id = current_tenant()) check (tenant_id = current_tenant())
notification_provider own_tenant for ALL to public using (tenant_id = current_tenant()) check (tenant_id = current_tenant())
notification_receipt own_tenant for ALL to public using (tenant_id = current_tenant()) check (tenant_id = current_tenant())
notification_receipt_address own_tenant for ALL to public using (tenant_id = current_tenant()) check (tenant_id = current_tenant())
notification_receipt_applied own_tenant for ALL to public using (tenant_id = current_tenant()) check (tenant_id = current_tenant())
notification_suppression own_tenant for ALL to public using (tenant_id = current_tenant()) check (tenant_id = current_tenant())
notification_template own_tenant for ALL to public using (tenant_id = current_tenant()) check (tenant_id = current_tenant())
operator every_tenant for SELECT to kist_identity using true
operator lock_row for UPDATE to kist_identity using true
operator own_tenant for ALL to public using (tenant_id = current_tenant()) check (tenant_id = current_tenant())
payment_exception every_tenant for SELECT to kist_carrier using true
payment_exception own_tenant for ALL to public using (tenant_id = current_tenant()) check (tenant_id = current_tenant())
payment_gateway own_tenant for ALL to public using (tenant_id = current_tenant()) check (tenant_id = current_tenant())
payment_move own_tenant for ALL to public using (tenant_id = current_tenant()) check (tenant_id = current_tenant())
payout every_tenant for SELECT to kist_carrier using true
payout own_tenant for ALL to public using (tenant_id = current_tenant()) check (tenant_id = current_tenant())
product own_tenant for ALL to public using (tenant_id = current_tenant()) check (tenant_id = current_tenant())
reconciliation every_tenant for SELECT to kist_carrier using true
reconciliation own_tenant for ALL to public using (tenant_id = current_tenant()) check (tenant_id = current_tenant())
reconciliation_break every_tenant for SELECT to kist_carrier using true
reconciliation_break own_tenant for ALL to public using (tenant_id = current_tenant()) check (tenant_id = current_tenant())
refund every_tenant for SELECT to kist_carrier using true
refund own_tenant for ALL to public using (tenant_id = current_tenant()) check (tenant_id = current_tenant())
schedule_run own_tenant for ALL to public using (tenant_id = current_tenant()) check (tenant_id = current_tenant())
schedule_version own_tenant for ALL to public using (tenant_id = current_tenant()) check (tenant_id = current_tenant())
score_move own_tenant for ALL to public using (tenant_id = current_tenant()) check (tenant_id = current_tenant())
seal own_tenant for ALL to public using (tenant_id = current_tenant()) check (tenant_id = current_tenant())
seal_range own_tenant for ALL to public using (tenant_id = current_tenant()) check (tenant_id = current_tenant())
service own_tenant for ALL to public using (tenant_id = current_tenant()) check (tenant_id = current_tenant())
session every_tenant for ALL to kist_identity using true check true
session own_tenant for ALL to public using (tenant_id = current_tenant()) check (tenant_id = current_tenant())
settlement own_tenant for ALL to public using (tenant_id = current_tenant()) check (tenant_id = current_tenant())
statement_load being_read for DELETE to public using (loaded_at IS NULL)
statement_load own_tenant for ALL to public using (tenant_id = current_tenant()) check (tenant_id = current_tenant())
stream own_tenant for ALL to public using (tenant_id = current_tenant()) check (tenant_id = current_tenant())
tenant every_tenant for SELECT to kist_carrier, kist_identity using true
tenant own_tenant for ALL to public using (tenant_id = current_tenant()) check (tenant_id = current_tenant())
tenant_setting own_tenant for ALL to public using (tenant_id = current_tenant()) check (tenant_id = current_tenant())
unfollowed every_tenant for SELECT to kist_carrier using true
unfollowed own_tenant for ALL to public using (tenant_id = current_tenant()) check (tenant_id = current_tenant())
wallet own_tenant for ALL to public using (tenant_id = current_tenant()) check (tenant_id = current_tenant())
wallet_hold own_tenant for ALL to public using (tenant_id = current_tenant()) check (tenant_id = current_tenant())
webhook_endpoint own_tenant for ALL to public using (tenant_id = current_tenant()) check (tenant_id = current_tenant())

-- Triggers
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.account_snapshot FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.accrual FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.accrual_correction FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.approval_vote FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.audit FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.entry FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.event FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.fraud_alert FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.journal FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.late_payout_settled FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.loan_event FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.notification_dlt_rejection FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.notification_receipt FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.notification_receipt_applied FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.notification_template FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.payment_move FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.product FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.reconciliation FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.schedule_version FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.score_move FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.seal FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.seal_range FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
CREATE TRIGGER balanced AFTER INSERT ON public.entry REFERENCING NEW TABLE AS inserted FOR EACH STATEMENT EXECUTE FUNCTION refuse_unbalanced()
CREATE TRIGGER followed AFTER INSERT ON public.journal REFERENCING NEW TABLE AS inserted FOR EACH STATEMENT EXECUTE FUNCTION leave_to_followers()
CREATE TRIGGER guard_approval BEFORE UPDATE ON public.approval FOR EACH ROW EXECUTE FUNCTION guard_approval()
CREATE TRIGGER in_an_open_day AFTER INSERT ON public.journal REFERENCING NEW TABLE AS inserted FOR EACH STATEMENT EXECUTE FUNCTION refuse_shut_day()
CREATE TRIGGER payout_beside_paid BEFORE INSERT ON public.payout FOR EACH ROW WHEN ((new.attempt > 1)) EXECUTE FUNCTION refuse_payout_beside_paid()

-- Functions: owner, rights, fingerprint of the source
admit_one_by_one(ids uuid[], keys text[], reverseds uuid[], entry_drafts integer[], entry_accounts uuid[], entry_directions text[], entry_amounts numeric[]) returns SETOF posting search_path=public, pg_temp owner migrator md5 c8b97b4a01883602ba8297b1d22cbf74
begin_login(given_email text) returns TABLE(wait_s integer, tenant_id text, operator_id uuid, password_hash text) security definer search_path=public, pg_temp owner kist_identity md5 4552d02dea905b1fb4d72a9f9fee77f4
business_days(from_on date, to_on date, holidays date[]) returns integer  owner migrator md5 d5a8948358092f2cfed5a8384532b414
chain_next(state bytea, head bytea, body bytea) returns bytea  owner migrator md5 a0203a88a200cf54cee032c97a98c63c
close_session(given_token_hash bytea) returns void security definer search_path=public, pg_temp owner kist_identity md5 6bf9be2603688a8ae5021736d0108d10
current_tenant() returns text  owner migrator md5 05a25ed8a9e948d11ff1b18bb405259d
cut_seal(new_number bigint, cut_at timestamp with time zone, business_date date, leaves bigint, root bytea, prev_hash bytea, hash bytea, key_id text, signature bytea, streams uuid[], from_seqs bigint[], to_seqs bigint[]) returns void security definer search_path=public, pg_temp plan_cache_mode=force_custom_plan owner kist_books md5 010bb4557be2df2625ee895703351584
find_session(given_token_hash bytea, idle_s integer) returns TABLE(tenant_id text, operator_id uuid, email text, name text, role text, created_at timestamp with time zone, expires_at timestamp with time zone) security definer search_path=public, pg_temp owner kist_identity md5 0a6711c1db797750f0b4b30c63f40a54
freeze_accounts(accounts uuid[], frozen_at timestamp with time zone, frozen_for text) returns SETOF uuid security definer search_path=public, pg_temp owner kist_books md5 5e9b7b95e99bebccb3200bac901aff0f
guard_approval() returns trigger  owner migrator md5 78302755d2bba867338f2724d9a12f93
keep_tenants_apart(IN target regclass) returns nothing  owner migrator md5 9f8cf5ca8ceffdf2c84884e5cc638d5a
leave_to_followers() returns trigger  owner migrator md5 57370430d4758853faf583b256e0963e
list_tenants() returns SETOF tenant security definer search_path=public, pg_temp owner kist_identity md5 e58b93d8cfaa3ed41754bd0779642124
make_append_only(IN target regclass) returns nothing  owner migrator md5 0c920b37f401b4beb5d47b306ef087de
make_archive_month(month date) returns void security definer search_path=public, pg_temp TimeZone=UTC owner migrator md5 c33f5d81b6ab67b2fb7fbeb9790b3c35
open_accounts(ids uuid[], codes text[], names text[], types text[], currencies text[], keep_balances boolean[], balance_mins numeric[]) returns void security definer search_path=public, pg_temp owner kist_books md5 8283d983265181ab7bca27fee4c5c4a7
open_session(given_operator uuid, given_token_hash bytea, lifetime_s integer, given_ip inet, given_user_agent text) returns boolean security definer search_path=public, pg_temp owner kist_identity md5 c1c5209ed5b10e080a58ec7a1629fff2
post_journals(ids uuid[], streams uuid[], kinds text[], keys text[], business_dates date[], posted_ats timestamp with time zone[], reverseds uuid[], entry_drafts integer[], entry_lines smallint[], entry_accounts uuid[], entry_directions text[], entry_amounts numeric[], entry_currencies text[]) returns SETOF posting security definer search_path=public, pg_temp plan_cache_mode=force_generic_plan enable_seqscan=off enable_bitmapscan=off owner kist_books md5 7f928a099b82eb6d96ba3204311222fe
refuse_change() returns trigger  owner migrator md5 24af1be38c3af9a6c3207f6c1f9713d9
refuse_malformed(entry_drafts integer[], entry_accounts uuid[], entry_amounts numeric[], entry_currencies text[]) returns void search_path=public, pg_temp owner migrator md5 2bf9173200ed384742f3e7e6ec68b1ff
refuse_payout_beside_paid() returns trigger  owner migrator md5 82cc2152b3a9bd0b12f3dd4527d9b257
refuse_shut_day() returns trigger search_path=public, pg_temp owner migrator md5 c3b636acc6449add087fe07f022b59e3
refuse_unbalanced() returns trigger  owner migrator md5 dbd211543ae37ff112c8d3b911c7f29d
unfreeze_accounts(accounts uuid[]) returns SETOF uuid security definer search_path=public, pg_temp owner kist_books md5 a28e3f30b96a217e9b5e51d30633025b

-- Grants on tables
account to kist_app: SELECT
account to kist_books: INSERT, SELECT
account_snapshot to kist_app: SELECT
account_snapshot to kist_books: INSERT, SELECT
accrual to kist_app: INSERT, SELECT
accrual_correction to kist_app: INSERT, SELECT
application to kist_app: INSERT, SELECT, UPDATE
approval to kist_app: INSERT, SELECT
approval_vote to kist_app: INSERT, SELECT
audit to kist_app: INSERT, SELECT
bank_account to kist_app: INSERT, SELECT
bank_account_check to kist_app: INSERT, SELECT
bank_line to kist_app: DELETE, INSERT, MAINTAIN, SELECT
borrower to kist_app: INSERT, SELECT, UPDATE
borrower_device to kist_app: DELETE, INSERT, SELECT, UPDATE
borrower_score to kist_app: INSERT, SELECT, UPDATE
business_day to kist_app: INSERT, SELECT, UPDATE
business_day to kist_books: SELECT
callback_event to kist_app: INSERT, SELECT
collection to kist_app: INSERT, SELECT
collection_allocation to kist_app: INSERT, SELECT
collection_order to kist_app: INSERT, SELECT
day_chunk to kist_app: INSERT, SELECT, UPDATE
dispute to kist_app: INSERT, SELECT
entry to kist_app: SELECT
entry to kist_books: INSERT, SELECT
event to kist_app: INSERT, SELECT
event_listener to kist_app: DELETE, INSERT, SELECT, UPDATE
event_subject to kist_app: INSERT, SELECT, UPDATE
event_subject to kist_carrier: SELECT
foreclosure_quote to kist_app: INSERT, SELECT
fraud_alert to kist_app: INSERT, SELECT
fraud_watch to kist_app: INSERT, SELECT, UPDATE
gateway_line to kist_app: DELETE, INSERT, MAINTAIN, SELECT
holiday to kist_app: DELETE, INSERT, SELECT
holiday to kist_carrier: SELECT
instalment to kist_app: DELETE, INSERT, SELECT, UPDATE
job to kist_app: DELETE, INSERT, SELECT, UPDATE
job_archive to kist_app: INSERT, SELECT
job_attempt to kist_app: INSERT, SELECT
job_cancellation to kist_app: DELETE, INSERT, SELECT
job_key_archive to kist_app: INSERT, SELECT
journal to kist_app: SELECT
journal to kist_books: INSERT, SELECT
kill_switch to kist_app: DELETE, INSERT, SELECT, UPDATE
kill_switch to kist_carrier: SELECT
kist_migration to kist_app: SELECT
kist_migration to kist_carrier: SELECT
late_payout_settled to kist_app: INSERT, SELECT
loan to kist_app: INSERT, SELECT, UPDATE
loan_event to kist_app: INSERT, SELECT
loan_set_aside to kist_app: DELETE, INSERT, SELECT, UPDATE
loan_tranche to kist_app: INSERT, SELECT
login_throttle to kist_identity: DELETE, INSERT, SELECT, UPDATE
mandate to kist_app: INSERT, SELECT
mandate_debit to kist_app: INSERT, SELECT
notice_rule to kist_app: DELETE, INSERT, SELECT, UPDATE
notification_attempt to kist_app: INSERT, SELECT, UPDATE
notification_dlt_rejection to kist_app: INSERT, SELECT
notification_gathering to kist_app: INSERT, SELECT, UPDATE
notification_lane_hold to kist_app: DELETE, INSERT, SELECT
notification_message to kist_app: INSERT, SELECT, UPDATE
notification_policy to kist_app: INSERT, SELECT, UPDATE
notification_provider to kist_app: DELETE, INSERT, SELECT, UPDATE
notification_receipt to kist_app: INSERT, SELECT
notification_receipt_address to kist_app: DELETE, INSERT, SELECT, UPDATE
notification_receipt_applied to kist_app: INSERT, SELECT
notification_suppression to kist_app: DELETE, INSERT, SELECT
notification_template to kist_app: INSERT, SELECT
operator to kist_app: INSERT
operator to kist_identity: SELECT
payment_exception to kist_app: INSERT, SELECT
payment_gateway to kist_app: INSERT, SELECT, UPDATE
payment_move to kist_app: INSERT, SELECT
payout to kist_app: INSERT, SELECT
product to kist_app: INSERT, SELECT
reconciliation to kist_app: INSERT, SELECT
reconciliation_break to kist_app: INSERT, SELECT, UPDATE
refund to kist_app: INSERT, SELECT
schedule_run to kist_app: INSERT, SELECT
schedule_version to kist_app: INSERT, SELECT
score_move to kist_app: INSERT, SELECT
seal to kist_app: SELECT
seal to kist_books: INSERT, SELECT
seal_range to kist_app: SELECT
seal_range to kist_books: INSERT, SELECT
service to kist_app: INSERT, SELECT, UPDATE
session to kist_app: DELETE
session to kist_identity: DELETE, INSERT, SELECT, UPDATE
settlement to kist_app: INSERT, SELECT, UPDATE
statement_load to kist_app: DELETE, INSERT, SELECT
stream to kist_app: SELECT
stream to kist_books: INSERT, SELECT
tenant to kist_app: INSERT, SELECT, UPDATE
tenant to kist_books: SELECT
tenant to kist_carrier: SELECT
tenant to kist_identity: SELECT
tenant_setting to kist_app: INSERT, SELECT, UPDATE
unfollowed to kist_app: DELETE, SELECT
unfollowed to kist_books: INSERT
unfollowed to kist_carrier: SELECT
wallet to kist_app: INSERT, SELECT
wallet_hold to kist_app: INSERT, SELECT
webhook_endpoint to kist_app: DELETE, INSERT, SELECT, UPDATE

-- Grants on columns
account to kist_books: UPDATE (balance, frozen_at, frozen_for)
approval to kist_app: UPDATE (state, ended_at, result)
bank_account to kist_app: UPDATE (state, reason, gateway, contact, fund_account)
bank_account_check to kist_app: UPDATE (state, provider_id, account, registered_name, name_fit, name_score, utr, reason, told_amount, amount, fees, tax, submitted_at, checked_at, looks, closed_at)
bank_line to kist_app: UPDATE (current)
business_day to kist_carrier: SELECT (tenant_id, business_date, state, begun_at, closed_at, chunks, chunks_done, checked)
callback_event to kist_app: UPDATE (applied_at, outcome)
collection to kist_app: UPDATE (order_id, loan_id, fee, tax, method, state, reason, captured_at, allocated, unallocated, refunded, returned, lost)
collection_allocation to kist_app: UPDATE (undone_at, undone_by)
collection_order to kist_app: UPDATE (state, provider_id, reason, next_look_at, looks)
collection_order to kist_carrier: SELECT (tenant_id, next_look_at)
day_chunk to kist_carrier: SELECT (tenant_id, business_date, number, loans, done, refused, journals, interest, penal, tax)
dispute to kist_app: UPDATE (state, reason, respond_by)
foreclosure_quote to kist_app: UPDATE (state, answer)
gateway_line to kist_app: UPDATE (current)
job to kist_carrier: SELECT (tenant_id, id, kind, queue, key, priority, state, attempt, attempt_limit, dispatch_number, lost_dispatches, run_at, sweep_at, ordering_key, ordering_blocks, lease_until, code, accepted_at, rested_at, trace)
job to kist_carrier: UPDATE (dispatch_number, lost_dispatches, sweep_at)
late_payout_settled to kist_carrier: SELECT (tenant_id, payout_id)
loan_set_aside to kist_carrier: SELECT (tenant_id, loan_id, business_date, code, message, since)
loan_tranche to kist_app: UPDATE (paid_on, journal_id)
mandate to kist_app: UPDATE (state)
mandate_debit to kist_app: UPDATE (state, contradicts, provider_id, reason, presented_at, resolved_at)
notification_attempt to kist_carrier: SELECT (tenant_id, message_id, number, provider, began_at, outcome)
notification_lane_hold to kist_carrier: SELECT (tenant_id, channel, code, message, held_by, held_at)
notification_message to kist_carrier: SELECT (tenant_id, id, notification_id, channel, state, provider, created_at, ask_at)
notification_suppression to kist_app: UPDATE (reason, detail, since, stops)
operator to kist_app: SELECT (tenant_id, id, email, name, role, created_at, locked_at)
operator to kist_app: UPDATE (name, role, password_hash, locked_at)
operator to kist_identity: UPDATE (locked_at)
payment_exception to kist_app: UPDATE (owner, resolved_at, resolved_by, resolution)
payment_exception to kist_carrier: SELECT (tenant_id, id, kind, subject, code, message, raised_at, business_date, owner, resolved_at)
payout to kist_app: UPDATE (state, contradicts, request_body, provider_id, utr, fees, tax, reason, submitted_at, unknown_since, settled_at, closed_at, next_look_at, looks)
payout to kist_carrier: SELECT (tenant_id, id, purpose, loan_id, wallet_id, gateway, mode, amount, currency, state, utr, reason, created_at, business_date, submitted_at, unknown_since, settled_at, closed_at, next_look_at)
reconciliation to kist_carrier: SELECT (tenant_id, id, business_date, results, breaks_opened, breaks_closed, breaks_open, settlements_posted, run_by, run_at)
reconciliation_break to kist_carrier: SELECT (tenant_id, id, subject_kind, subject, gateway, leg, result, currency, here, there, first_seen_on, owner, state)
refund to kist_app: UPDATE (state, request_body, provider_id, reason, next_look_at, looks, settled_on)
refund to kist_carrier: SELECT (tenant_id, next_look_at)
session to kist_app: SELECT (tenant_id, id, operator_id, created_at, last_seen_at, expires_at, client_ip, user_agent)
statement_load to kist_app: UPDATE (content_hash, lines, from_on, to_on, loaded_at)
stream to kist_books: UPDATE (head_seq, head_hash, sealed_seq)
unfollowed to kist_app: UPDATE (failures, not_before, error)
wallet_hold to kist_app: UPDATE (state, ended_at, ended_by, captured)

-- Grants on functions
admit_one_by_one(ids uuid[], keys text[], reverseds uuid[], entry_drafts integer[], entry_accounts uuid[], entry_directions text[], entry_amounts numeric[]) to kist_books
begin_login(given_email text) to kist_app
business_days(from_on date, to_on date, holidays date[]) to PUBLIC
chain(head bytea, body bytea) to PUBLIC
chain_next(state bytea, head bytea, body bytea) to PUBLIC
close_session(given_token_hash bytea) to kist_app
current_tenant() to PUBLIC
cut_seal(new_number bigint, cut_at timestamp with time zone, business_date date, leaves bigint, root bytea, prev_hash bytea, hash bytea, key_id text, signature bytea, streams uuid[], from_seqs bigint[], to_seqs bigint[]) to kist_app
find_session(given_token_hash bytea, idle_s integer) to kist_app
freeze_accounts(accounts uuid[], frozen_at timestamp with time zone, frozen_for text) to kist_app
guard_approval() to PUBLIC
keep_tenants_apart(IN target regclass) to PUBLIC
leave_to_followers() to PUBLIC
list_tenants() to kist_app
make_append_only(IN target regclass) to PUBLIC
make_archive_month(month date) to kist_app
open_accounts(ids uuid[], codes text[], names text[], types text[], currencies text[], keep_balances boolean[], balance_mins numeric[]) to kist_app
open_session(given_operator uuid, given_token_hash bytea, lifetime_s integer, given_ip inet, given_user_agent text) to kist_app
post_journals(ids uuid[], streams uuid[], kinds text[], keys text[], business_dates date[], posted_ats timestamp with time zone[], reverseds uuid[], entry_drafts integer[], entry_lines smallint[], entry_accounts uuid[], entry_directions text[], entry_amounts numeric[], entry_currencies text[]) to kist_app
refuse_change() to PUBLIC
refuse_malformed(entry_drafts integer[], entry_accounts uuid[], entry_amounts numeric[], entry_currencies text[]) to kist_books
refuse_payout_beside_paid() to PUBLIC
refuse_shut_day() to PUBLIC
refuse_unbalanced() to PUBLIC
unfreeze_accounts(accounts uuid[]) to kist_app
