import type { Registry } from 'prom-client';

const OWN_PREFIX = 'kist_';

/** The page docs/metrics.md, written from the registry itself. */
export async function metricsPage(registry: Registry): Promise<string> {
  const metrics = (registry.getMetricsAsArray() as unknown as Described[])
    .filter(({ name }) => name.startsWith(OWN_PREFIX))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const rows = metrics.map(
    ({ name, type, labelNames, help }) =>
      `| \`${name}\` | ${type} | ${labelNames.map((label) => `\`${label}\``).join(', ')} | ${help} |`,
  );
  return `${PREFACE}\n| metric | type | labels | meaning |\n|---|---|---|---|\n${rows.join('\n')}\n${ALERTS}`;
}

interface Described {
  name: string;
  type: string;
  labelNames: string[];
  help: string;
}

const PREFACE = `# Metrics

Every process serves them at \`/metrics\` in the text format of Prometheus: the API on its own port,
workers and clocks on \`KIST_OPS_PORT\`. Counters and histograms tell of one process; add them up over
processes. \`kist_jobs\`, \`kist_oldest_…\`, \`kist_follower_…\`, \`kist_payouts…\`, \`kist_payment_exceptions\`,
\`kist_reconciliation_breaks\`, \`kist_late_payouts…\`, \`kist_messages_unclear\` and those with a tenant are read from the database and
are the same in each process; take their maximum. Besides these there are the usual \`process_*\` and \`nodejs_*\` metrics, event-loop lag among them.

This page is written from the code (\`npm test -- test/ops -u\` brings it up to date).
`;

const ALERTS = `
## What to be woken up for

| alert | expression | means |
|---|---|---|
| jobs wait | \`max by (queue) (kist_oldest_due_job_seconds) > 120\` | workers are too few, stuck or gone |
| jobs die | \`sum by (kind) (increase(kist_jobs_dead_total[15m])) > 0\` | look at the dead letters on the board |
| jobs are held | \`max by (queue) (kist_jobs{state="held"}) > 0\` for 15 min | a person has to decide |
| carrier away | \`max(kist_carrier_up) == 0\` for 1 min | nothing is lost; jobs start late |
| books away | \`max(kist_database_up) == 0\` | nothing is accepted and nothing runs |
| followers behind | \`max(kist_follower_lag_seconds) > 60\` for 5 min | no worker runs, or the books outrun it: scores and fraud alerts come late |
| followers fail | \`max(kist_follower_set_aside_journals) > 0\` for 15 min | the log says why; nothing is lost |
| books that do not hold | \`max by (tenant) (kist_invariants_broken) > 0\` | the day is not shut; \`kist day check\` names the first bad row |
| day not closed | \`time() - max by (tenant) (kist_day_closed_through_seconds) > 5 * 86400\` | \`kist day status\` says what it waits for |
| loans set aside | \`max by (tenant) (kist_loans_set_aside) > 0\` for 1 d | each has its reason, in \`kist day status\` and at /console/days |
| money in suspense | \`max(kist_payouts{state="suspense"}) > 0\` for 15 min | two people settle it: docs/payments.md |
| payouts do not leave | \`max by (state) (kist_oldest_payout_seconds{state=~"approved\\|submitting"}) > 900\` | a kill switch, no worker, or the gateway is away |
| exceptions wait | \`max by (kind, code) (kist_oldest_payment_exception_seconds) > 86400\` | nobody has decided for a day: /console/payments |
| breaks wait | \`max by (kind, result) (kist_oldest_reconciliation_break_seconds) > 3 * 86400\` | what does not agree stood for days: /console/reconciliation |
| money unknown here | \`max(kist_reconciliation_breaks{result="missing-here"}) > 0\` for 1 h | money moved that the books know nothing of |
| payouts are late | \`max(kist_late_payouts) > max(kist_late_payouts offset 1d)\` | gone past T+1: claim ₹100 a day of the bank; /console/reconciliation |
| not reconciled | \`time() - max by (tenant) (kist_reconciled_at_seconds) > 5 * 86400\` | the gateway is away or locked, or \`payments.reconcile\` died or is held |
| gateway fails | \`sum by (gateway) (rate(kist_gateway_calls_total{outcome=~"unknown\\|unreachable"}[5m])) / sum by (gateway) (rate(kist_gateway_calls_total[5m])) > 0.1\` | nothing is paid twice; payouts take longer |
| gateway locked | \`sum by (gateway) (increase(kist_gateway_calls_total{outcome="locked-out"}[5m])) > 0\` | key or address is not known there: \`kist gateway set\` |
| lane held | \`max by (tenant, channel, code) (kist_lanes_held) > 0\` | key, credits or account with the provider: \`kist notify provider set\` opens it, or, where the provider mended it or a person held it, \`kist notify open\` |
| messages bounce | \`sum by (channel) (increase(kist_messages_total{state="bounced"}[1h])) > 0.05 * sum by (channel) (increase(kist_messages_total{state="sent"}[1h])) + 10\` | old addresses, or a sender that nobody trusts: providers lock such accounts |
| provider fails | \`sum by (channel, provider) (rate(kist_provider_calls_total{outcome=~"again\\|unknown"}[5m])) / sum by (channel, provider) (rate(kist_provider_calls_total[5m])) > 0.1\` | the next provider is tried, or messages come later; /console/notifications tells which |
| messages unclear | \`max by (channel) (kist_messages_unclear) > 0\` for 15 min | one may arrive twice, or never: receipts tell, or a person does, by redriving it |
| sweeper busy | \`sum(rate(kist_swept_jobs_total[10m])) > 1\` | the carrier loses jobs, or workers die |
| loop blocked | \`nodejs_eventloop_lag_p99_seconds > 0.5\` | a handler computes too much in one go |
`;
