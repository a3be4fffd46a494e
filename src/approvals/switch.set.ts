import { z } from 'zod';
import { defineAction } from './define.ts';
import { asMeant, jobsMeant, tenantMeant } from './switches.ts';

/** For tenants whose policy has even the stopping agreed to by two. */
export default defineAction({
  action: 'switch.set',
  summary: 'Set a kill switch: jobs of a kind wait until it is cleared',
  scope: { propose: 'switches:write', approve: 'switches:approve' },
  request: z.strictObject({
    kind: z.string().min(1).max(100),
    reason: z.string().min(1).max(500),
    every_tenant: z.boolean().default(false),
  }),

  async facts(_tx, { every_tenant }, { tenant }) {
    tenantMeant(tenant, every_tenant);
    return {};
  },

  describe: ({ kind, every_tenant, reason }) => `Stop ${jobsMeant(kind, every_tenant)}: ${reason}`,

  async apply(tx, { kind, reason, every_tenant }, { tenant, means }) {
    await asMeant(tx, tenant, every_tenant, () => means.setSwitch(kind, reason));
    return { kind, on: true };
  },
});
