import { amount, builtIn, day, LOAN_SAMPLE, link, loanFields, words } from './built-in.ts';
import { letter } from './letter.ts';

/** `reason` is what the bank says, in words a borrower understands. */
export const bounced = builtIn({
  name: 'bounced',
  version: 2,
  category: 'transactional',
  about: 'The bank did not honour a debit of an instalment.',
  needs: {
    ...loanFields,
    amount,
    attempted_on: day,
    reason: words.optional(),
    bounce_charge: amount.optional(),
    pay_link: link.optional(),
  },
  sample: {
    ...LOAN_SAMPLE,
    ...{
      amount: '12481.00',
      attempted_on: '2026-12-21',
      reason: 'Insufficient balance',
      bounce_charge: '350.00',
    },
    pay_link: 'https://sahyadri.example/p/20481',
  },
  locales: {
    'en-IN': {
      email: letter('en-IN', {
        subject: 'Your bank did not pay the instalment of {{ amount | money }}',
        heading: 'Your instalment could not be debited',
        paragraphs: [
          'On {{ attempted_on | date }} we asked your bank for the instalment of {{ amount | money }}, and it was not paid.',
          'Please pay it another way as soon as you can, so that charges for late payment stay small. If you have paid since, thank you.',
        ],
        facts: [
          ['Loan', '{{ loan }}'],
          ['Amount', '{{ amount | money }}'],
          ['Tried on', '{{ attempted_on | date }}'],
          ['Your bank says', '{{ reason }}', 'reason'],
          ['Charge for the return', '{{ bounce_charge | money }}', 'bounce_charge'],
        ],
        button: ['Pay now', 'pay_link'],
      }),
      sms: 'Dear {{ name }}, your bank did not pay EMI {{ amount | money }} of your {{ lender }} loan {{ loan }} on {{ attempted_on | date }}.{% if bounce_charge %} Return charge {{ bounce_charge | money }}.{% endif %} Please pay it another way{% if pay_link %}: {{ pay_link }}{% else %}.{% endif %}',
      push: {
        title: 'Your EMI could not be debited',
        body: 'Your bank did not pay {{ amount | money }} for loan {{ loan }}. Please pay it another way.',
      },
    },
    'hi-IN': {
      email: letter('hi-IN', {
        subject: 'आपके बैंक ने {{ amount | money }} की किस्त का भुगतान नहीं किया',
        heading: 'आपकी किस्त खाते से नहीं कट सकी',
        paragraphs: [
          '{{ attempted_on | date }} को हमने आपके बैंक से {{ amount | money }} की किस्त माँगी थी, पर भुगतान नहीं हुआ।',
          'कृपया जल्द से जल्द किसी और तरीके से भुगतान करें, ताकि देरी का शुल्क कम रहे। अगर आप इस बीच भुगतान कर चुके हैं, तो धन्यवाद।',
        ],
        facts: [
          ['लोन संख्या', '{{ loan }}'],
          ['राशि', '{{ amount | money }}'],
          ['तारीख', '{{ attempted_on | date }}'],
          ['बैंक का बताया कारण', '{{ reason }}', 'reason'],
          ['भुगतान लौटने का शुल्क', '{{ bounce_charge | money }}', 'bounce_charge'],
        ],
        button: ['अभी भुगतान करें', 'pay_link'],
      }),
      sms: '{{ name }} जी, {{ attempted_on | date }} को आपके बैंक ने {{ lender }} लोन {{ loan }} की EMI {{ amount | money }} का भुगतान नहीं किया।{% if bounce_charge %} शुल्क {{ bounce_charge | money }}।{% endif %} कृपया दूसरे तरीके से भुगतान करें{% if pay_link %}: {{ pay_link }}{% else %}।{% endif %}',
      push: {
        title: 'आपकी EMI खाते से नहीं कट सकी',
        body: 'बैंक ने लोन {{ loan }} के {{ amount | money }} का भुगतान नहीं किया। कृपया दूसरे तरीके से भुगतान करें।',
      },
    },
  },
});
