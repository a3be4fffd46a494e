import { z } from 'zod';
import { acceptJob, publicKind, scopeOf } from '../accepting.ts';
import type { Api, ApiParts } from '../ports.ts';
import { acceptedSchema, idParams, keyHeader, problemResponses } from '../schemas.ts';

/** A job of the thing that the path names; the body is the rest of the job's payload. */
export interface JobOf {
  kind: string;
  /** `/v1/…/:id/…` */
  url: string;
  /** The field of the payload that the path's id is. */
  names: string;
  action: string;
  /** The kind's own where left out. */
  scope?: string;
  tags: string[];
}

export function jobOfRoute(
  app: Api,
  { runtime }: ApiParts,
  { kind, url, names, action, scope, tags }: JobOf,
): void {
  const definition = publicKind(runtime.registry, kind);
  if (!(definition?.payload instanceof z.ZodObject)) return;
  const { [names]: _, ...fields } = definition.payload.shape as z.ZodRawShape;
  const body = z.strictObject(fields);
  const needsNothing = body.safeParse({}).success;
  app.route({
    method: 'POST',
    url,
    config: { action, scope: scope ?? scopeOf(definition) },
    schema: {
      summary: definition.summary,
      tags,
      params: idParams,
      headers: keyHeader,
      body: needsNothing ? body.nullish() : body,
      response: { 202: acceptedSchema, ...problemResponses },
    },
    handler: (request, reply) =>
      acceptJob(runtime, definition, { ...request.body, [names]: request.params.id }, request, reply),
  });
}
