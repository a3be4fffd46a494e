import { amount, builtIn, count, day, LOAN_SAMPLE, loanFields, words } from './built-in.ts';
import { letter } from './letter.ts';

/** `account` is where the money went, masked, as the borrower knows it. */
export const disbursed = builtIn({
  name: 'disbursed',
  version: 1,
  category: 'transactional',
  about: 'A loan was paid out.',
  needs: {
    ...loanFields,
    amount,
    disbursed_on: day,
    account: words,
    instalment: amount,
    instalments: count,
    first_due_on: day,
  },
  sample: {
    ...LOAN_SAMPLE,
    ...{ amount: '245000.00', disbursed_on: '2026-11-21', account: 'HDFC XXXX5678' },
    ...{ instalment: '12481.00', instalments: 24, first_due_on: '2026-12-21' },
  },
  locales: {
    'en-IN': {
      email: letter('en-IN', {
        subject: '{{ amount | money }} of your loan has been paid out',
        heading: 'Your loan has been paid out',
        paragraphs: [
          'We paid {{ amount | money }} to your account {{ account }} on {{ disbursed_on | date }}.',
          'The first instalment of {{ instalment | money }} is due on {{ first_due_on | date }}. We will remind you in good time.',
        ],
        facts: [
          ['Loan', '{{ loan }}'],
          ['Paid out', '{{ amount | money }}'],
          ['To', '{{ account }}'],
          ['Instalments', '{{ instalments }} of {{ instalment | money }}'],
          ['First one due', '{{ first_due_on | date }}'],
        ],
      }),
      sms: 'Dear {{ name }}, {{ lender }} paid {{ amount | money }} of your loan {{ loan }} to {{ account }} on {{ disbursed_on | date }}. First EMI {{ instalment | money }} is due on {{ first_due_on | date }}.',
      push: {
        title: 'Your loan has been paid out',
        body: '{{ amount | money }} was paid to {{ account }}. First EMI on {{ first_due_on | date }}.',
      },
    },
    'hi-IN': {
      email: letter('hi-IN', {
        subject: 'आपके लोन के {{ amount | money }} भेज दिए गए हैं',
        heading: 'आपके लोन की राशि भेज दी गई है',
        paragraphs: [
          'हमने {{ disbursed_on | date }} को आपके खाते {{ account }} में {{ amount | money }} भेज दिए हैं।',
          '{{ instalment | money }} की पहली किस्त {{ first_due_on | date }} को देनी है। हम आपको समय पर याद दिला देंगे।',
        ],
        facts: [
          ['लोन संख्या', '{{ loan }}'],
          ['भेजी गई राशि', '{{ amount | money }}'],
          ['खाता', '{{ account }}'],
          ['किस्तें', '{{ instalments }} × {{ instalment | money }}'],
          ['पहली किस्त की तारीख', '{{ first_due_on | date }}'],
        ],
      }),
      sms: '{{ name }} जी, {{ lender }} ने लोन {{ loan }} के {{ amount | money }} आपके खाते {{ account }} में {{ disbursed_on | date }} को भेज दिए हैं। पहली EMI {{ instalment | money }}, तारीख {{ first_due_on | date }}।',
      push: {
        title: 'आपके लोन की राशि भेज दी गई है',
        body: '{{ amount | money }} आपके खाते {{ account }} में भेजे गए। पहली EMI: {{ first_due_on | date }}।',
      },
    },
  },
});
