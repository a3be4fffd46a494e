import Fastify, { type FastifyInstance } from 'fastify';
import { type BureauRequest, type BureauStats, mountBureau } from './bureau.ts';
import { type FaultScript, MODEST_FAULTS } from './faults.ts';
import { Gateway } from './gateway/gateway.ts';
import type { GatewayOptions } from './gateway/settings.ts';
import { Notices } from './notices/notices.ts';
import type { NoticeOptions } from './notices/settings.ts';

export interface SandboxOptions {
  /** 0: any free one. */
  port: number;
  /** The same seed brings the same faults. */
  seed?: number;
  /** How the bureau fails. */
  faults?: FaultScript;
  /** The payment gateway: its accounts, clock, state and faults. */
  gateway?: GatewayOptions;
  /** The notification providers: their accounts, clock, state and faults. */
  notices?: NoticeOptions;
}

export interface Sandbox {
  url: string;
  stats(): { bureau: Readonly<BureauStats> };
  /** What reached the bureau, in order. */
  bureauLog(): readonly BureauRequest[];
  /** The payment gateway; its API is at `gateway_url`. */
  gateway: Gateway;
  gateway_url: string;
  /** Brevo, 2Factor, FCM and a mail server. */
  notices: Notices;
  stop(): Promise<void>;
}

export const SEED = 20_261_120;

/** Simulators of the outside providers, on the loopback interface: slow, and failing now and then. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const app = Fastify({ forceCloseConnections: true });
  const seed = options.seed ?? SEED;
  const bureau = mountBureau(app, seed, options.faults ?? MODEST_FAULTS);
  const gateway = new Gateway({ seed, ...options.gateway });
  gateway.mount(app);
  // Without a clock of their own they go by the gateway's: who moves the one moves both.
  const notices = new Notices({ seed, ...options.notices }, gateway.clock);
  notices.mount(app);
  gateway.onMove(() => notices.tick());
  app.addHook('onClose', async () => {
    await notices.stop();
    gateway.stop();
  });
  const url = await begin(app, options.port, notices).catch(async (error) => {
    await app.close();
    throw error;
  });
  return {
    url,
    stats: () => ({ bureau: { ...bureau.stats } }),
    bureauLog: () => bureau.log,
    gateway,
    gateway_url: `${url}/v1`,
    notices,
    stop: () => app.close(),
  };
}

async function begin(app: FastifyInstance, port: number, notices: Notices): Promise<string> {
  const url = await app.listen({ host: '127.0.0.1', port });
  await notices.begin(url);
  return url;
}
