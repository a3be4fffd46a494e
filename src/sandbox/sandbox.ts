import Fastify from 'fastify';
import { type BureauRequest, type BureauStats, mountBureau } from './bureau.ts';
import { type FaultScript, MODEST_FAULTS } from './faults.ts';

export interface SandboxOptions {
  /** 0: any free one. */
  port: number;
  /** The same seed brings the same faults. */
  seed?: number;
  faults?: FaultScript;
}

export interface Sandbox {
  url: string;
  stats(): { bureau: Readonly<BureauStats> };
  /** What reached the bureau, in order. */
  bureauLog(): readonly BureauRequest[];
  stop(): Promise<void>;
}

const SEED = 20_261_120;

/** Simulators of the outside providers, on the loopback interface: slow, and failing now and then. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const app = Fastify({ forceCloseConnections: true });
  const bureau = mountBureau(app, options.seed ?? SEED, options.faults ?? MODEST_FAULTS);
  const url = await app.listen({ host: '127.0.0.1', port: options.port });
  return {
    url,
    stats: () => ({ bureau: { ...bureau.stats } }),
    bureauLog: () => bureau.log,
    stop: () => app.close(),
  };
}
