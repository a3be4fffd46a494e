import { LRUCache } from 'lru-cache';
import type { Pool, Transaction } from '../../db/pools.ts';
import { inTenant } from '../../db/transaction.ts';
import type { Channel, ContentOf } from '../channels.ts';
import type { WrongField } from '../errors.ts';
import type { Category } from '../payload.ts';
import { type Asked, type Chosen, choose } from './choose.ts';
import { withoutNulls } from './data.ts';
import { TemplateError } from './errors.ts';
import type { TemplateData } from './parts.ts';
import { render } from './render.ts';
import { type OwnTemplates, ownTemplates } from './rows.ts';

/** Which template a message was written from, as its row names it. */
export interface Origin {
  template: string;
  version: number;
  locale: string;
  category: Category;
}

export interface Rendered<C extends Channel = Channel> extends Origin {
  content: ContentOf[C];
}

/**
 * Writes a message from the newest wording there is, in the transaction that records it.
 * @throws TemplateError: the message can never be written so; the same data gives the same error
 */
export async function renderFor<C extends Channel>(
  tx: Transaction,
  asked: Asked & { channel: C; data: TemplateData },
): Promise<Rendered<C>> {
  const chosen = choose(asked, await ownTemplates(tx, asked.template));
  return { ...originOf(chosen), content: write(chosen, asked) };
}

/** Fills in what was chosen, having checked the data of a built-in template by its schema. */
export function write<C extends Channel>(
  chosen: Chosen,
  { channel, data }: { channel: C; data: TemplateData },
): ContentOf[C] {
  checkNeeds(chosen, data);
  return render({ parts: chosen.parts, channel, data, locale: chosen.locale });
}

const KNOWN_MAX = 5_000;
const KNOWN_CHARACTERS_MAX = 16_000_000;
/** Counted for each beside its texts. */
const KNOWN_CHARACTERS = 200;
const KNOWN_MS = 5_000;

export interface CheckRequest {
  template: string;
  locale?: string | undefined;
  channels: readonly Channel[];
  data: TemplateData;
}

/** Checks requests without a query for each: what a tenant has is known for some seconds. */
export interface TemplateChecks {
  /**
   * Whether a message can be written for each of the channels, and from what.
   * @throws TemplateError naming the field that is missing or wrong
   */
  checkRenders(tenant: string, request: CheckRequest): Promise<Record<string, Origin>>;
  /** A tenant's template was changed in this process: it is asked for anew. */
  forget(tenant: string, template: string): void;
}

/** @param pool acts as kist_app */
export function createTemplateChecks(pool: Pool): TemplateChecks {
  const known = new LRUCache<string, OwnTemplates, { tenant: string; template: string }>({
    max: KNOWN_MAX,
    ttl: KNOWN_MS,
    maxSize: KNOWN_CHARACTERS_MAX,
    sizeCalculation: ({ own }) => KNOWN_CHARACTERS + JSON.stringify(own).length,
    fetchMethod: (_key, _stale, { context: { tenant, template } }) =>
      inTenant(pool, tenant, (tx) => ownTemplates(tx, template)),
  });
  const keyOf = (tenant: string, template: string) => `${tenant} ${template}`;
  return {
    forget: (tenant, template) => void known.delete(keyOf(tenant, template)),
    checkRenders: async (tenant, { template, locale, channels, data }) => {
      const own = await known.forceFetch(keyOf(tenant, template), { context: { tenant, template } });
      return Object.fromEntries(
        channels.map((channel) => {
          const chosen = choose({ template, channel, locale }, own);
          // A built-in template is written by whatever satisfies its schema: nothing need be rendered.
          if (chosen.builtIn) checkNeeds(chosen, data);
          else write(chosen, { channel, data });
          return [channel, originOf(chosen)];
        }),
      );
    },
  };
}

export function originOf({ template, version, locale, category }: Chosen): Origin {
  return { template, version, locale, category };
}

function checkNeeds({ builtIn }: Chosen, data: TemplateData): void {
  const checked = builtIn?.needs.safeParse(withoutNulls(data));
  if (!builtIn || !checked || checked.success) return;
  const fields: WrongField[] = checked.error.issues.map(({ path, message }) => ({
    pointer: `/data/${path.join('/')}`,
    message: data[String(path[0])] == null ? `is needed by the template ${builtIn.name}` : message,
  }));
  const first = fields[0]!;
  const missing = checked.error.issues.some(({ path }) => data[String(path[0])] == null);
  const code = missing ? 'template-variable-missing' : 'invalid-template-data';
  throw new TemplateError(code, `${first.pointer}: ${first.message}.`, fields);
}
