import type { SwaggerTransformObject } from '@fastify/swagger';
import { jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { z } from 'zod';

const components = new Map<string, z.ZodType>();

/** `wallet.transfer`, `Payload` → `WalletTransferPayload`. */
export function componentName(kind: string, suffix: string): string {
  const words = kind.split(/[^A-Za-z0-9]+/).map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  return words.join('') + suffix;
}

/**
 * Gives a schema a name under which the document refers to it. A second schema of the same name (another
 * registry in the same process) stays without, and is written out where it is used.
 */
export function component(name: string, schema: z.ZodType): z.ZodType {
  if (!components.has(name) && z.globalRegistry.get(schema)?.id === undefined) {
    components.set(name, schema);
    z.globalRegistry.add(schema, { ...z.globalRegistry.get(schema), id: name });
  }
  return schema;
}

export const DOCUMENT = {
  openapi: '3.1.0',
  info: {
    title: 'Kist',
    version: '1',
    description:
      'Background jobs for lenders: every job once, in books that verify.\n\n' +
      'Amounts are strings with at most two decimals. Every request that changes something may carry an ' +
      '`Idempotency-Key`; a repeat is answered like the first time. Errors are problem documents (RFC 9457), ' +
      'explained at [/docs/errors](/docs/errors).',
  },
  tags: [
    { name: 'jobs', description: 'Accept jobs, see what became of them, act on them' },
    { name: 'switches', description: 'Kill switches' },
    { name: 'products', description: 'What is lent on, in versions' },
    { name: 'approvals', description: 'What one person proposes and others must agree to' },
    { name: 'loans', description: 'Applications, loans, repayments' },
    { name: 'calculations', description: 'Schedules, day counts, rates and annuities, without a loan' },
    { name: 'wallets', description: 'Wallets and transfers' },
    { name: 'payments', description: 'Money in and out: gateways, bank accounts, what moves through them' },
    {
      name: 'notifications',
      description: 'Messages to borrowers: accepting them, providers, lanes, templates',
    },
    { name: 'ledger', description: 'The books and their proofs' },
    { name: 'events', description: 'What happened, and the endpoints that are told of it' },
    { name: 'session', description: 'Operators' },
  ],
  components: {
    securitySchemes: {
      service: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
      operator: { type: 'apiKey', in: 'cookie', name: 'kist_session' },
    },
  },
  security: [{ service: [] }, { operator: [] }],
} as const;

/** Fills in the components and leaves out those that nothing refers to. */
export const transformObject: SwaggerTransformObject = (given) => {
  const document = jsonSchemaTransformObject(given) as { components?: { schemas?: Record<string, unknown> } };
  const schemas = document.components?.schemas ?? {};
  const used = new Set<string>();
  const { components: _, ...rest } = document;
  const open: unknown[] = [rest];
  while (open.length > 0) {
    const node = open.pop();
    if (typeof node !== 'object' || node === null) continue;
    for (const [name, child] of Object.entries(node)) {
      if (name !== '$ref' || typeof child !== 'string') open.push(child);
      else {
        const target = child.replace('#/components/schemas/', '');
        if (!used.has(target) && schemas[target]) open.push(schemas[target]);
        used.add(target);
      }
    }
  }
  const kept = Object.entries(schemas).filter(([name]) => used.has(name));
  return { ...document, components: { ...document.components, schemas: Object.fromEntries(kept) } } as never;
};
