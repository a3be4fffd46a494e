import type { z } from 'zod';
import { reach } from '../../../runtime/faults.ts';
import type { AccountCheck, Beneficiary, Gateway } from '../gateway.ts';
import { unknownOutcome } from './answers.ts';
import type { Send } from './http.ts';
import { accountCheck, bankingBalance, collectionOf, contact, fundAccount } from './schemas.ts';
import { pages } from './statements.ts';

/** A contact's name is shorter than that of a bank account. */
const CONTACT_NAME_MAX = 50;

/** Razorpay gives no more checks at once. */
const CHECKS_A_PAGE = 100;
/** Its clock and ours differ by less. */
const CLOCKS_DIFFER_S = 3_600;

type Beneficiaries = Pick<
  Gateway,
  'register' | 'checkAccount' | 'accountCheck' | 'accountCheckByReference' | 'balance'
>;

/** Contacts, fund accounts and their checks (docs: api/x/contacts, fund-accounts, composite-account-validation). */
export function createBeneficiaries(send: Send): Beneficiaries {
  return {
    /** Razorpay makes neither twice: what is the same in all it compares is answered with the first one. */
    async register(beneficiary, call) {
      const person = await send(
        { path: '/contacts', answer: contact, body: json(contactOf(beneficiary)), isPersonal: true },
        call,
      );
      await reach('payout.contact-made');
      const body = json({ contact_id: person.id, ...accountOf(beneficiary) });
      const request = { path: '/fund_accounts', answer: fundAccount, body, isPersonal: true };
      return { contact: person.id, fund_account: (await send(request, call)).id };
    },
    async checkAccount(beneficiary, reference, call) {
      const body = json({
        source_account_number: call.account.account_number,
        validation_type: 'pennydrop',
        reference_id: reference,
        notes: { check: reference },
        fund_account: { ...accountOf(beneficiary), contact: contactOf(beneficiary) },
      });
      const request = { path: '/fund_accounts/validations', answer: accountCheck, body, isPersonal: true };
      return checkOf(await send(request, call));
    },
    async accountCheck(id, call) {
      const path = `/fund_accounts/validations/${encodeURIComponent(id)}`;
      return checkOf(await send({ path, answer: accountCheck }, call));
    },
    /** The list takes days, not references: all of that time are gone through. */
    async accountCheckByReference({ reference, begun_at }, call) {
      const around = begun_at.getTime() / 1_000;
      const query = {
        account_number: call.account.account_number,
        from: Math.floor(around) - CLOCKS_DIFFER_S,
        to: Math.ceil(around) + CLOCKS_DIFFER_S,
      };
      const request = { path: '/fund_accounts/validations', item: accountCheck, query, size: CHECKS_A_PAGE };
      const found = new Map<string, AccountCheck>();
      for await (const page of pages(send, request, call)) {
        for (const entity of page)
          if (entity.reference_id === reference) found.set(entity.id, checkOf(entity));
      }
      if (found.size > 1) throw unknownOutcome('several-of-reference');
      return [...found.values()][0] ?? null;
    },
    async balance(call) {
      const request = { path: '/banking_balances', answer: collectionOf(bankingBalance) };
      const { items } = await send(request, call);
      const ours = items.find((item) => item.account_number === call.account.account_number);
      if (!ours) throw unknownOutcome('account-not-listed');
      return { available: ours.available_amount, at: ours.refreshed_at };
    },
  };
}

function contactOf({ id, holder }: Beneficiary) {
  return { name: holder.slice(0, CONTACT_NAME_MAX).trim(), type: 'customer', reference_id: id };
}

/** @throws RangeError for a beneficiary that has neither an account nor a UPI address */
function accountOf({ holder, ifsc, account_number, vpa }: Beneficiary) {
  if (vpa !== null) return { account_type: 'vpa', vpa: { address: vpa } };
  if (ifsc === null || account_number === null) throw new RangeError('Neither an account nor a UPI address.');
  return { account_type: 'bank_account', bank_account: { name: holder, ifsc, account_number } };
}

function checkOf(entity: z.output<typeof accountCheck>): AccountCheck {
  const results = entity.validation_results;
  const account = results?.account_status ?? null;
  return {
    id: entity.id,
    reference: entity.reference_id,
    status: entity.status,
    account: account === 'valid' ? 'active' : account,
    registered_name: results?.registered_name ?? null,
    name_match: results?.name_match_score ?? null,
    amount: entity.amount,
    utr: entity.utr,
    reason: entity.status_details?.reason ?? null,
  };
}

const json = JSON.stringify;
