import { z } from 'zod';
import { currencySchema } from '../../../ledger/money.ts';
import type { Category } from '../../payload.ts';
import type { PartsOf, TemplateData, TemplateParts } from '../parts.ts';

/** The locales that every built-in template is written in. */
export const BUILT_IN_LOCALES = ['en-IN', 'hi-IN'] as const;
export type BuiltInLocale = (typeof BUILT_IN_LOCALES)[number];

/** A template that every tenant has; a version of the tenant's own of that name and locale takes its place. */
export interface BuiltIn {
  name: string;
  /** Raised with every change of its wording: a message names the version that it was written from. */
  version: number;
  category: Category;
  /** When it is sent. */
  about: string;
  /** What it must be filled with; more may be given. */
  needs: z.ZodObject<Record<string, z.ZodType>, z.core.$loose>;
  /** As its preview is filled. */
  sample: TemplateData;
  locales: Record<BuiltInLocale, Required<TemplateParts>>;
}

/** Every channel of one locale, the mail as a letter. */
export interface Wording {
  email: PartsOf<'email'>;
  sms: string;
  push: PartsOf<'push'>;
}

interface BuiltInWording<Shape extends z.ZodRawShape> extends Omit<BuiltIn, 'needs' | 'sample' | 'locales'> {
  needs: Shape;
  sample: z.input<z.ZodObject<Shape>>;
  locales: Record<BuiltInLocale, Wording>;
}

/** What a borrower is to open. A push message has no place for it in its words: the app is told it, as `link`. */
const LINKS = ['pay_link', 'offer_link'];

export function builtIn<Shape extends z.ZodRawShape>({
  needs,
  sample,
  locales,
  ...rest
}: BuiltInWording<Shape>): BuiltIn {
  const link_name = LINKS.find((name) => Object.hasOwn(needs, name));
  const data = link_name && { data: { link: only(link_name, `{{ ${link_name} }}`) } };
  const partsOf = ({ email, sms, push }: Wording) => ({
    ...{ email, sms: { text: sms } },
    push: { ...push, ...data },
  });
  return {
    ...rest,
    needs: z.looseObject(needs) as unknown as BuiltIn['needs'],
    sample: sample as TemplateData,
    locales: { 'en-IN': partsOf(locales['en-IN']), 'hi-IN': partsOf(locales['hi-IN']) },
  };
}

/** The text where the variable is there; always where none is named. */
export function only(variable: string | undefined, text: string): string {
  return variable === undefined ? text : `{% if ${variable} %}${text}{% endif %}`;
}

const WORDS_MAX = 100;
const LINK_MAX = 500;

export const words = z.string().trim().min(1).max(WORDS_MAX);
export const count = z.int().min(0).max(100_000);
export const day = z.iso.date();
export const amount = z
  .string()
  .regex(/^\d{1,15}(\.\d{1,2})?$/, { error: 'must be an amount such as "1250.50"' });
/** A fraction a year: "0.18" is 18 %. */
export const rate = z.string().regex(/^\d(\.\d{1,10})?$/, { error: 'must be a fraction such as "0.18"' });
export const link = z.url({ protocol: /^https$/ }).max(LINK_MAX);

/** To whom and from whom. `contact` is how the lender is reached: a phone number or an address. */
export const letterFields = {
  lender: words,
  name: words,
  currency: currencySchema,
  contact: words.optional(),
};
/** `loan` is the loan's number as the borrower knows it. */
export const loanFields = { ...letterFields, loan: words };

/** Of a reminder of one instalment. */
export const instalmentFields = {
  ...loanFields,
  amount,
  due_on: day,
  instalment_number: count,
  instalments: count,
  pay_link: link.optional(),
};

/** What the samples share. */
export const LETTER_SAMPLE = {
  lender: 'Sahyadri Finance',
  name: 'Asha Rao',
  currency: 'INR',
  contact: '1800 123 4567',
};
export const LOAN_SAMPLE = { ...LETTER_SAMPLE, loan: 'SF-20481' };
export const INSTALMENT_SAMPLE = {
  ...LOAN_SAMPLE,
  ...{ amount: '12481.00', due_on: '2026-12-21', instalment_number: 1, instalments: 24 },
  pay_link: 'https://sahyadri.example/p/20481',
};
