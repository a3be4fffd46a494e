/** The audit line that Kist writes with each disbursal, for those that disburse without Kist's queue. */
export function auditRow(loan: string) {
  return {
    actor_kind: 'service' as const,
    actor: 'bench',
    action: 'loan.disburse',
    subject: loan,
    duration_ms: 1,
    outcome: 'SUCCESS' as const,
  };
}
