import type { Contacts, Made } from './contacts.ts';
import type { Payout } from './entities.ts';
import { badRequest, unknownId } from './errors.ts';
import type { Payouts } from './payouts.ts';
import { rawBody } from './raw-body.ts';
import { type Asked, page, type Route, textIn } from './routes.ts';
import type { Workings } from './workings.ts';

/** Contacts, fund accounts, their validation, payouts, balances and the account's statement. */
export function payoutRoutes(parts: { workings: Workings; contacts: Contacts; payouts: Payouts }): Route[] {
  return [...contactRoutes(parts), ...payoutOnlyRoutes(parts), ...statementRoutes(parts)];
}

function contactRoutes({ contacts }: { contacts: Contacts }): Route[] {
  const made = (answer: unknown): number => ((answer as { is_new: boolean }).is_new ? 201 : 200);
  return [
    {
      ...{ method: 'POST', path: '/contacts', call: 'contact.create', status: made },
      subjects: ({ body }) => [textIn(body, 'reference_id'), textIn(body, 'name')],
      act: ({ account, body }) => shown(contacts.createContact(account, body)),
    },
    {
      ...{ method: 'GET', path: '/contacts/:id', call: 'contact.fetch' },
      act: ({ account, params }) => contacts.contact(account.id, params.id!),
    },
    {
      ...{ method: 'POST', path: '/fund_accounts', call: 'fund-account.create', status: made },
      subjects: ({ body }) => [
        textIn(body, 'bank_account', 'account_number') ?? textIn(body, 'vpa', 'address'),
        textIn(body, 'contact_id'),
      ],
      act: ({ account, body }) => shown(contacts.createFundAccount(account, body)),
    },
    {
      ...{ method: 'GET', path: '/fund_accounts/:id', call: 'fund-account.fetch' },
      act: ({ account, params }) => contacts.fundAccount(account.id, params.id!) ?? missing(),
    },
    {
      ...{ method: 'POST', path: '/fund_accounts/validations', call: 'validation.create' },
      subjects: ({ body }) => [
        textIn(body, 'fund_account', 'bank_account', 'account_number'),
        textIn(body, 'reference_id'),
        textIn(body, 'fund_account', 'id'),
      ],
      act: ({ account, body }) => contacts.createValidation(account, body),
    },
    {
      ...{ method: 'GET', path: '/fund_accounts/validations', call: 'validation.list' },
      act: ({ account, query }) => {
        ownAccount(account.account_number, query);
        return page(contacts.listValidations(account.id), query);
      },
    },
    {
      ...{ method: 'GET', path: '/fund_accounts/validations/:id', call: 'validation.fetch' },
      act: ({ account, params }) => contacts.validation(account.id, params.id!),
    },
  ];
}

function payoutOnlyRoutes({ contacts, payouts }: { contacts: Contacts; payouts: Payouts }): Route[] {
  return [
    {
      ...{ method: 'POST', path: '/payouts', call: 'payout.create' },
      subjects: ({ account, body, request }) => [
        textIn(body, 'notes', 'subject') ?? textIn(body, 'reference_id'),
        textIn(body, 'reference_id'),
        keyOf(request),
        contacts.payee(account.id, textIn(body, 'fund_account_id')),
      ],
      meanwhile: (answer) => payouts.hurry((answer as Payout).id),
      act: ({ account, request, body }) => payouts.create(account, keyOf(request), rawBody(request), body),
    },
    {
      ...{ method: 'GET', path: '/payouts', call: 'payout.list' },
      subjects: ({ query, request }) => [query.reference_id, request.url],
      act: ({ account, query }) => {
        ownAccount(account.account_number, query);
        return page(payouts.list(account.id, query.reference_id), query, (payout) => isWanted(payout, query));
      },
    },
    {
      ...{ method: 'GET', path: '/payouts/:id', call: 'payout.fetch' },
      subjects: ({ account, params }) => [
        ...(payouts.find(params.id!)?.subjects ?? []),
        params.id,
        account.id,
      ],
      act: ({ account, params }) => payouts.get(account.id, params.id!).picture,
    },
    {
      ...{ method: 'POST', path: '/payouts/:id/cancel', call: 'payout.cancel' },
      subjects: ({ params }) => [...(payouts.find(params.id!)?.subjects ?? []), params.id],
      act: ({ account, params }) => payouts.cancel(account.id, params.id!),
    },
  ];
}

function statementRoutes({ workings: { statement, clock } }: { workings: Workings }): Route[] {
  return [
    {
      ...{ method: 'GET', path: '/banking_balances', call: 'balance.fetch' },
      act: ({ account }) => {
        const amount = statement.balance(account.id);
        const { account_number } = account;
        const item = { account_number, account_type: 'current', amount, available_amount: amount };
        const id = `ba_${account.id.slice(4)}`;
        const items = [
          { id, entity: 'banking_balance', ...item, currency: 'INR', refreshed_at: clock.seconds() },
        ];
        return { entity: 'collection', count: items.length, items };
      },
    },
    {
      ...{ method: 'GET', path: '/transactions', call: 'transaction.list' },
      act: ({ account, query }) => {
        ownAccount(account.account_number, query);
        return page(statement.list(account.id), query);
      },
    },
    {
      ...{ method: 'GET', path: '/transactions/:id', call: 'transaction.fetch' },
      act: ({ account, params }) => statement.get(account.id, params.id!) ?? missing(),
    },
  ];
}

/** The entity with the mark whether it is new, which the answer does not show. */
function shown({ entity, is_new }: Made<object>): object {
  return Object.defineProperty({ ...entity }, 'is_new', { value: is_new, enumerable: false });
}

function keyOf(request: Asked['request']): string | undefined {
  return request.headers['x-payout-idempotency'] as string | undefined;
}

function missing(): never {
  throw unknownId();
}

function ownAccount(account_number: string, query: Asked['query']): void {
  if (query.account_number === undefined)
    throw badRequest('The account number field is required.', 'account_number');
  if (query.account_number !== account_number)
    throw badRequest('The account number is invalid', 'account_number');
}

function isWanted(payout: Payout, { status, mode, fund_account_id }: Asked['query']): boolean {
  if (status && payout.status !== status) return false;
  if (mode && payout.mode !== mode) return false;
  return !fund_account_id || payout.fund_account_id === fund_account_id;
}
