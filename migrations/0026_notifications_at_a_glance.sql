-- Up Migration

-- Operators of the platform see over all tenants what is sent, what is not, and why: never what messages say, nor to
-- whom they are.
GRANT SELECT (code, message, held_by, held_at) ON notification_lane_hold TO kist_carrier;
GRANT SELECT (id, notification_id, channel, state, provider, created_at) ON notification_message TO kist_carrier;
CREATE POLICY every_tenant ON notification_attempt FOR SELECT TO kist_carrier USING (true);
GRANT SELECT (tenant_id, message_id, number, provider, began_at, outcome) ON notification_attempt TO kist_carrier;
-- What was begun in a day, over all tenants: rows lie in the order in which they come.
CREATE INDEX notification_message_lately ON notification_message USING brin (created_at) WITH (autosummarize = on);
CREATE INDEX notification_attempt_unclear ON notification_attempt (began_at) WHERE outcome = 'unknown';
-- What nobody wanted any more in a day.
CREATE INDEX job_cancelled ON job (rested_at) WHERE state = 'cancelled';

-- Down Migration
