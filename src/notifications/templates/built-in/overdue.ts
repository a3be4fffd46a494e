import { amount, builtIn, count, day, LOAN_SAMPLE, link, loanFields } from './built-in.ts';
import { letter } from './letter.ts';

/** `amount` is all that is overdue, `penal_charges` what of it was charged for being late. */
export const overdue = builtIn({
  name: 'overdue',
  version: 2,
  category: 'reminder',
  about: 'An instalment was not paid on its day.',
  needs: {
    ...loanFields,
    amount,
    due_on: day,
    days_overdue: count,
    penal_charges: amount.optional(),
    pay_link: link.optional(),
  },
  sample: {
    ...LOAN_SAMPLE,
    ...{ amount: '12601.00', due_on: '2026-12-21', days_overdue: 5, penal_charges: '120.00' },
    pay_link: 'https://sahyadri.example/p/20481',
  },
  locales: {
    'en-IN': {
      email: letter('en-IN', {
        subject: '{{ amount | money }} is overdue on your loan {{ loan }}',
        heading: 'Your instalment has not reached us yet',
        paragraphs: [
          'The instalment that was due on {{ due_on | date }} has not reached us. {{ amount | money }} is overdue now.',
          'Please pay as soon as you can, so that charges for late payment stay small. If you have paid already, please ignore this letter.',
          'If paying is difficult at the moment, do talk to us. We will look for a way together.',
        ],
        facts: [
          ['Loan', '{{ loan }}'],
          ['Overdue amount', '{{ amount | money }}'],
          ['Of it, penal charges', '{{ penal_charges | money }}', 'penal_charges'],
          ['Was due on', '{{ due_on | date }}'],
          ['Days overdue', '{{ days_overdue }}'],
        ],
        button: ['Pay now', 'pay_link'],
      }),
      sms: 'Dear {{ name }}, {{ amount | money }} of your {{ lender }} loan {{ loan }}, due on {{ due_on | date }}, has not reached us.{% if pay_link %} Pay at {{ pay_link }}{% endif %} If paying is difficult, please talk to us{% if contact %}: {{ contact }}{% endif %}. Ignore this if paid.',
      push: {
        title: 'Your EMI is overdue',
        body: '{{ amount | money }} for loan {{ loan }} was due on {{ due_on | date }}. Please pay, or talk to us.',
      },
    },
    'hi-IN': {
      email: letter('hi-IN', {
        subject: 'आपके लोन {{ loan }} के {{ amount | money }} बकाया हैं',
        heading: 'आपकी किस्त हमें अभी तक नहीं मिली है',
        paragraphs: [
          '{{ due_on | date }} को देय किस्त हमें अभी तक नहीं मिली है। अब {{ amount | money }} बकाया हैं।',
          'कृपया जल्द से जल्द भुगतान करें, ताकि देरी का शुल्क कम रहे। अगर आप भुगतान कर चुके हैं, तो इस पत्र को अनदेखा करें।',
          'अगर अभी भुगतान करने में कठिनाई है, तो हमसे बात करें। हम मिलकर रास्ता निकालेंगे।',
        ],
        facts: [
          ['लोन संख्या', '{{ loan }}'],
          ['बकाया राशि', '{{ amount | money }}'],
          ['इसमें देरी का शुल्क', '{{ penal_charges | money }}', 'penal_charges'],
          ['देय तारीख', '{{ due_on | date }}'],
          ['देरी के दिन', '{{ days_overdue }}'],
        ],
        button: ['अभी भुगतान करें', 'pay_link'],
      }),
      sms: '{{ name }} जी, {{ lender }} लोन {{ loan }} की {{ due_on | date }} को देय राशि {{ amount | money }} हमें नहीं मिली है।{% if pay_link %} भुगतान: {{ pay_link }}{% endif %} कठिनाई हो तो हमसे बात करें{% if contact %}: {{ contact }}{% endif %}।',
      push: {
        title: 'आपकी EMI बकाया है',
        body: 'लोन {{ loan }} के {{ amount | money }} {{ due_on | date }} को देने थे। कृपया भुगतान करें या हमसे बात करें।',
      },
    },
  },
});
