import { amount, builtIn, count, day, LETTER_SAMPLE, letterFields, link, rate, words } from './built-in.ts';
import { letter } from './letter.ts';

export const offer = builtIn({
  name: 'offer',
  version: 2,
  category: 'transactional',
  about: 'An application led to an offer.',
  needs: {
    ...letterFields,
    application: words,
    amount,
    tenure_months: count,
    annual_rate: rate,
    apr: rate.optional(),
    instalment: amount,
    valid_until: day,
    offer_link: link.optional(),
  },
  sample: {
    ...LETTER_SAMPLE,
    ...{ application: 'A-7731', amount: '250000.00', tenure_months: 24, annual_rate: '0.18', apr: '0.1987' },
    ...{ instalment: '12481.00', valid_until: '2026-12-20', offer_link: 'https://sahyadri.example/o/7731' },
  },
  locales: {
    'en-IN': {
      email: letter('en-IN', {
        subject: 'Your loan offer from {{ lender }}: {{ amount | money }}',
        heading: 'Your loan offer is ready',
        paragraphs: [
          'We are glad to offer you a loan of {{ amount | money }}. The offer is open until {{ valid_until | date }}.',
          'Before you accept, please read the key facts: they list every charge and what the loan costs in all. You are free to decline.',
        ],
        facts: [
          ['Application', '{{ application }}'],
          ['Loan amount', '{{ amount | money }}'],
          ['Time to repay', '{{ tenure_months }} months'],
          ['Interest', '{{ annual_rate | percent }} a year'],
          ['With all charges (APR)', '{{ apr | percent }} a year', 'apr'],
          ['Monthly instalment', '{{ instalment | money }}'],
        ],
        button: ['See the offer', 'offer_link'],
      }),
      sms: 'Dear {{ name }}, {{ lender }} offers you a loan of {{ amount | money }}: {{ tenure_months }} months, {{ annual_rate | percent }} a year, EMI {{ instalment | money }}. Open until {{ valid_until | date }}.{% if offer_link %} See {{ offer_link }}{% endif %}',
      push: {
        title: 'Your loan offer is ready',
        body: '{{ amount | money }} for {{ tenure_months }} months, EMI {{ instalment | money }}. Open until {{ valid_until | date }}.',
      },
    },
    'hi-IN': {
      email: letter('hi-IN', {
        subject: '{{ lender }} से आपके लोन का प्रस्ताव: {{ amount | money }}',
        heading: 'आपके लोन का प्रस्ताव तैयार है',
        paragraphs: [
          'हमें आपको {{ amount | money }} के लोन का प्रस्ताव देते हुए खुशी है। यह प्रस्ताव {{ valid_until | date }} तक मान्य है।',
          'स्वीकार करने से पहले कृपया मुख्य तथ्य (Key Facts) पढ़ लें: उनमें हर शुल्क और लोन की कुल लागत लिखी है। प्रस्ताव स्वीकार करना या न करना आपकी इच्छा है।',
        ],
        facts: [
          ['आवेदन संख्या', '{{ application }}'],
          ['लोन की राशि', '{{ amount | money }}'],
          ['चुकाने की अवधि', '{{ tenure_months }} महीने'],
          ['ब्याज दर', '{{ annual_rate | percent }} सालाना'],
          ['सभी शुल्क मिलाकर (APR)', '{{ apr | percent }} सालाना', 'apr'],
          ['मासिक किस्त (EMI)', '{{ instalment | money }}'],
        ],
        button: ['प्रस्ताव देखें', 'offer_link'],
      }),
      sms: '{{ name }} जी, {{ lender }} से {{ amount | money }} के लोन का प्रस्ताव: {{ tenure_months }} महीने, ब्याज {{ annual_rate | percent }} सालाना, EMI {{ instalment | money }}। {{ valid_until | date }} तक मान्य।{% if offer_link %} देखें: {{ offer_link }}{% endif %}',
      push: {
        title: 'आपके लोन का प्रस्ताव तैयार है',
        body: '{{ amount | money }}, {{ tenure_months }} महीने, EMI {{ instalment | money }}। {{ valid_until | date }} तक मान्य।',
      },
    },
  },
});
