export type { Calculations } from './calculations.ts';
export { Client, type ClientOptions, createClient } from './client.ts';
export type { KeyFacts, LoanStatement } from './documents.ts';
export { type FieldError, KistError } from './error.ts';
export type { RequestOptions } from './http.ts';
export type { JobKinds } from './kinds.ts';
export type { KeyFactsSubject, Period, PrintFormat } from './papers.ts';
export type {
  AcceptedJob,
  Attempt,
  EnqueueAnswer,
  EnqueueOptions,
  Job,
  JobFilter,
  JobReference,
  JobSpec,
  JobState,
  KindMap,
  WaitOptions,
} from './types.ts';
export { verifyWebhook, type WebhookEvent, type WebhookHeaders } from './webhook.ts';
