import type { Clock } from '../calendar/clock.ts';
import type { Transaction } from '../db/pools.ts';
import { asTenant } from '../db/transaction.ts';
import { PLATFORM } from '../identity/actor.ts';
import { findJob } from '../runtime/queries.ts';
import type { Registry } from '../runtime/registry.ts';
import { listSwitches } from '../runtime/switches.ts';
import type { Barred, Guard } from '../runtime/types.ts';
import { proposeAction } from './approvals.ts';
import { moneyMoved } from './money-moved.ts';
import { isAbove, policyOf } from './policy.ts';

const EVERY_TENANT = '*';

/**
 * Turns what takes two people into a proposal of the one who asks, wherever that is done: API, board or
 * command line. The runtime asks it before it grants a wish. Kist itself needs nobody's word.
 */
export function createGuard(registry: Registry, clock: Clock): Guard {
  return {
    redrive: async (tx, tenant, job, actor) => {
      if (isKist(actor) || !(await movesMuch(tx, registry, job))) return null;
      return bar(tx, clock, { tenant, actor, action: 'job.redrive', request: { job } });
    },
    setSwitch: async (tx, tenant, kind, reason, actor) => {
      if (isKist(actor)) return null;
      return inPolicyTenant(tx, tenant, async (own) => {
        if (!(await policyOf(tx)).switch_set_needs_approval) return null;
        const request = { kind, reason, every_tenant: tenant === EVERY_TENANT };
        return bar(tx, clock, { tenant: own, actor, action: 'switch.set', request });
      });
    },
    clearSwitch: async (tx, tenant, kind, actor) => {
      const on = (await listSwitches(tx)).some((each) => each.tenant === tenant && each.kind === kind);
      if (isKist(actor) || !on) return null;
      return inPolicyTenant(tx, tenant, async (own) => {
        if (!(await policyOf(tx)).switch_clear_needs_approval) return null;
        const request = { kind, every_tenant: tenant === EVERY_TENANT };
        return bar(tx, clock, { tenant: own, actor, action: 'switch.clear', request });
      });
    },
  };
}

function isKist(actor: string): boolean {
  return actor.startsWith('system:');
}

async function movesMuch(tx: Transaction, registry: Registry, id: string): Promise<boolean> {
  const job = await findJob(tx, id);
  if (job?.state !== 'dead' || !registry.get(job.kind)?.moves_money) return false;
  const money = await moneyMoved(tx, id);
  return money !== null && isAbove(money.amount, (await policyOf(tx)).money_redrive_above);
}

/** What concerns every tenant is decided by the platform's people, under their policy. */
function inPolicyTenant<T>(
  tx: Transaction,
  tenant: string,
  work: (tenant: string) => Promise<T>,
): Promise<T> {
  return tenant === EVERY_TENANT ? asTenant(tx, PLATFORM, () => work(PLATFORM)) : work(tenant);
}

async function bar(
  tx: Transaction,
  clock: Clock,
  wish: { tenant: string; actor: string; action: string; request: object },
): Promise<Barred> {
  const { approval } = await proposeAction(tx, { ...wish, now: clock.now() });
  const { id, proposed_by, expires_at } = approval;
  const message = `Proposed by ${proposed_by} as approval ${id}; another person must agree by ${expires_at.toISOString()}.`;
  return { done: false, code: 'approval-required', message, approval: id };
}
