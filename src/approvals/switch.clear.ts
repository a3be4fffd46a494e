import { z } from 'zod';
import { ActionRefused } from '../identity/approval-errors.ts';
import { listSwitches } from '../runtime/switches.ts';
import { defineAction } from './define.ts';
import { asMeant, jobsMeant, tenantMeant } from './switches.ts';

/** The switch as it was set is among the facts: one that was set anew is another emergency. */
export default defineAction({
  action: 'switch.clear',
  summary: 'Clear a kill switch: the jobs it held go on',
  scope: { propose: 'switches:write', approve: 'switches:approve' },
  request: z.strictObject({ kind: z.string().min(1).max(100), every_tenant: z.boolean().default(false) }),

  async facts(tx, { kind, every_tenant }, { tenant }) {
    const meant = tenantMeant(tenant, every_tenant);
    const on = (await listSwitches(tx)).find((each) => each.tenant === meant && each.kind === kind);
    if (!on) throw new ActionRefused('not-found', `No switch is on for ${kind}.`);
    return { set_by: on.set_by, set_at: on.set_at.toISOString(), set_because: on.reason };
  },

  describe: ({ kind, every_tenant, set_by, set_because }) =>
    `Let ${jobsMeant(kind, every_tenant)} go on, which ${set_by} stopped: ${set_because}`,

  async apply(tx, { kind, every_tenant }, { tenant, means }) {
    await asMeant(tx, tenant, every_tenant, () => means.clearSwitch(kind));
    return { kind, on: false };
  },
});
