import { amount, builtIn, day, LOAN_SAMPLE, link, loanFields } from './built-in.ts';
import { letter } from './letter.ts';

/** `amount` closes the loan until the end of `valid_until`; the others are what it is made of. */
export const foreclosureQuote = builtIn({
  name: 'foreclosure-quote',
  version: 2,
  category: 'transactional',
  about: 'A borrower asked what it takes to close the loan early.',
  needs: {
    ...loanFields,
    amount,
    principal: amount,
    interest: amount,
    charges: amount,
    valid_until: day,
    pay_link: link.optional(),
  },
  sample: {
    ...LOAN_SAMPLE,
    ...{ amount: '178420.00', principal: '175600.00', interest: '2820.00', charges: '0.00' },
    ...{ valid_until: '2027-06-30', pay_link: 'https://sahyadri.example/p/20481' },
  },
  locales: {
    'en-IN': {
      email: letter('en-IN', {
        subject: 'Closing your loan {{ loan }} takes {{ amount | money }}',
        heading: 'What it takes to close your loan',
        paragraphs: [
          'You asked what it takes to close your loan {{ loan }} before its time. {{ amount | money }} closes it, if paid by {{ valid_until | date }}.',
          'After that day the amount changes; please ask us again then.',
        ],
        facts: [
          ['Principal', '{{ principal | money }}'],
          ['Interest', '{{ interest | money }}'],
          ['Charges', '{{ charges | money }}'],
          ['To be paid', '{{ amount | money }}'],
          ['Good until', '{{ valid_until | date }}'],
        ],
        button: ['Pay and close', 'pay_link'],
      }),
      sms: 'Dear {{ name }}, {{ amount | money }} closes your {{ lender }} loan {{ loan }} if paid by {{ valid_until | date }}.{% if pay_link %} Pay at {{ pay_link }}{% endif %}',
      push: {
        title: 'What it takes to close your loan',
        body: '{{ amount | money }} closes loan {{ loan }}, if paid by {{ valid_until | date }}.',
      },
    },
    'hi-IN': {
      email: letter('hi-IN', {
        subject: 'आपका लोन {{ loan }} बंद करने की राशि: {{ amount | money }}',
        heading: 'लोन समय से पहले बंद करने की राशि',
        paragraphs: [
          'आपने पूछा था कि लोन {{ loan }} समय से पहले बंद करने के लिए कितनी राशि देनी होगी। {{ valid_until | date }} तक {{ amount | money }} देने पर लोन बंद हो जाएगा।',
          'इस तारीख के बाद राशि बदल जाएगी; तब कृपया हमसे फिर पूछ लें।',
        ],
        facts: [
          ['मूलधन', '{{ principal | money }}'],
          ['ब्याज', '{{ interest | money }}'],
          ['शुल्क', '{{ charges | money }}'],
          ['कुल देय राशि', '{{ amount | money }}'],
          ['मान्य तारीख तक', '{{ valid_until | date }}'],
        ],
        button: ['भुगतान करके लोन बंद करें', 'pay_link'],
      }),
      sms: '{{ name }} जी, {{ valid_until | date }} तक {{ amount | money }} देने पर आपका {{ lender }} लोन {{ loan }} बंद हो जाएगा।{% if pay_link %} भुगतान: {{ pay_link }}{% endif %}',
      push: {
        title: 'लोन बंद करने की राशि',
        body: '{{ valid_until | date }} तक {{ amount | money }} देने पर लोन {{ loan }} बंद हो जाएगा।',
      },
    },
  },
});
