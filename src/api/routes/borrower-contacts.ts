import { z } from 'zod';
import { inTenant } from '../../db/transaction.ts';
import {
  addDevice,
  type Contact,
  contactOf,
  contactRequest,
  deviceToken,
  setContact,
  shownToken,
} from '../../notifications/notices/contacts.ts';
import { type Api, type ApiParts, actorOf } from '../ports.ts';
import { problemResponses, text, timestamp } from '../schemas.ts';

const tags = ['notifications'];
const url = '/v1/borrowers/:reference';
const REFERENCE_LENGTH_MAX = 100;
const params = z.strictObject({
  reference: text(REFERENCE_LENGTH_MAX).describe('the lender’s own name for the person'),
});

const contactSchema = z
  .strictObject({
    email: z.string().nullable(),
    phone: z.string(),
    locale: z.string().nullable().describe('null: the tenant’s'),
    time_zone: z.string().nullable().describe('null: the tenant’s'),
    devices: z.array(z.strictObject({ token: z.string().describe('its end'), added_at: timestamp })),
  })
  .meta({ id: 'BorrowerContact', description: 'How a borrower is reached, and in which language.' });

export function borrowerContactRoutes(app: Api, { pool, clock }: ApiParts): void {
  app.route({
    method: 'GET',
    url: `${url}/contact`,
    config: { action: 'borrowers.show-contact', scope: 'borrowers:read' },
    schema: {
      summary: 'How a borrower is reached; of devices the end of their tokens',
      tags,
      params,
      response: { 200: contactSchema, ...problemResponses },
    },
    handler: async (request) => {
      const { tenant } = actorOf(request);
      return resourceOf(await inTenant(pool, tenant, (tx) => contactOf(tx, request.params.reference)));
    },
  });

  app.route({
    method: 'PUT',
    url: `${url}/contact`,
    config: { action: 'borrowers.set-contact', scope: 'borrowers:write', confidential: true },
    schema: {
      summary: 'Say how a borrower is reached, whole: what is left out is not known any more',
      description: '`phone` and `devices` stay as they are where they are left out.',
      tags,
      params,
      body: contactRequest,
      response: { 200: contactSchema, ...problemResponses },
    },
    handler: async (request) => {
      const { tenant } = actorOf(request);
      const { reference } = request.params;
      return resourceOf(
        await inTenant(pool, tenant, (tx) => setContact(tx, reference, request.body, clock.now())),
      );
    },
  });

  app.route({
    method: 'POST',
    url: `${url}/devices`,
    config: { action: 'borrowers.add-device', scope: 'borrowers:write', confidential: true },
    schema: {
      summary: 'Add a device of a borrower’s; one that was another borrower’s is this one’s from now on',
      tags,
      params,
      body: z.strictObject({ token: deviceToken }),
      response: { 200: contactSchema, ...problemResponses },
    },
    handler: async (request) => {
      const { tenant } = actorOf(request);
      const { reference } = request.params;
      return resourceOf(
        await inTenant(pool, tenant, (tx) => addDevice(tx, reference, request.body.token, clock.now())),
      );
    },
  });
}

function resourceOf({ devices, ...contact }: Contact): z.output<typeof contactSchema> {
  return {
    ...contact,
    devices: devices.map(({ token, added_at }) => ({
      token: shownToken(token),
      added_at: added_at.toISOString(),
    })),
  };
}
