import { amount, builtIn, day, LOAN_SAMPLE, loanFields, words } from './built-in.ts';
import { letter } from './letter.ts';

/** `outstanding` is the principal that is still owed; `receipt` how the lender finds the payment. */
export const paymentReceived = builtIn({
  name: 'payment-received',
  version: 1,
  category: 'transactional',
  about: 'A payment of the borrower was booked.',
  needs: {
    ...loanFields,
    amount,
    paid_on: day,
    receipt: words,
    outstanding: amount,
    next_amount: amount.optional(),
    next_due_on: day.optional(),
  },
  sample: {
    ...LOAN_SAMPLE,
    ...{ amount: '12481.00', paid_on: '2026-12-20', receipt: 'R-90125', outstanding: '241269.00' },
    ...{ next_amount: '12481.00', next_due_on: '2027-01-21' },
  },
  locales: {
    'en-IN': {
      email: letter('en-IN', {
        subject: 'We received your payment of {{ amount | money }}',
        heading: 'Thank you for your payment',
        paragraphs: [
          'We received {{ amount | money }} on {{ paid_on | date }} for your loan {{ loan }}. Please keep this letter as your receipt.',
        ],
        facts: [
          ['Loan', '{{ loan }}'],
          ['Receipt', '{{ receipt }}'],
          ['Received', '{{ amount | money }}'],
          ['On', '{{ paid_on | date }}'],
          ['Principal still owed', '{{ outstanding | money }}'],
          ['Next instalment', '{{ next_amount | money }}', 'next_amount'],
          ['Due on', '{{ next_due_on | date }}', 'next_due_on'],
        ],
      }),
      sms: 'Dear {{ name }}, {{ lender }} received {{ amount | money }} for loan {{ loan }} on {{ paid_on | date }}, receipt {{ receipt }}. Principal still owed: {{ outstanding | money }}.{% if next_due_on %} Next EMI on {{ next_due_on | date }}.{% endif %} Thank you.',
      push: {
        title: 'Payment received, thank you',
        body: '{{ amount | money }} for loan {{ loan }} on {{ paid_on | date }}. Receipt {{ receipt }}.',
      },
    },
    'hi-IN': {
      email: letter('hi-IN', {
        subject: 'हमें आपका {{ amount | money }} का भुगतान मिल गया है',
        heading: 'आपके भुगतान के लिए धन्यवाद',
        paragraphs: [
          'आपके लोन {{ loan }} के लिए {{ paid_on | date }} को हमें {{ amount | money }} मिले हैं। कृपया इस पत्र को रसीद के रूप में संभाल कर रखें।',
        ],
        facts: [
          ['लोन संख्या', '{{ loan }}'],
          ['रसीद संख्या', '{{ receipt }}'],
          ['मिली राशि', '{{ amount | money }}'],
          ['तारीख', '{{ paid_on | date }}'],
          ['बाकी मूलधन', '{{ outstanding | money }}'],
          ['अगली किस्त', '{{ next_amount | money }}', 'next_amount'],
          ['अगली तारीख', '{{ next_due_on | date }}', 'next_due_on'],
        ],
      }),
      sms: '{{ name }} जी, {{ lender }} को लोन {{ loan }} के लिए {{ paid_on | date }} को {{ amount | money }} मिले, रसीद {{ receipt }}। बाकी मूलधन {{ outstanding | money }}।{% if next_due_on %} अगली EMI {{ next_due_on | date }}।{% endif %} धन्यवाद।',
      push: {
        title: 'भुगतान मिल गया, धन्यवाद',
        body: 'लोन {{ loan }} के लिए {{ paid_on | date }} को {{ amount | money }} मिले। रसीद {{ receipt }}।',
      },
    },
  },
});
