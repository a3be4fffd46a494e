import { builtIn, day, LOAN_SAMPLE, loanFields } from './built-in.ts';
import { letter } from './letter.ts';

export const closed = builtIn({
  name: 'closed',
  version: 1,
  category: 'transactional',
  about: 'A loan is repaid and closed.',
  needs: { ...loanFields, closed_on: day },
  sample: { ...LOAN_SAMPLE, closed_on: '2028-11-21' },
  locales: {
    'en-IN': {
      email: letter('en-IN', {
        subject: 'Your loan {{ loan }} is repaid and closed',
        heading: 'Congratulations, your loan is repaid',
        paragraphs: [
          'Your loan {{ loan }} is fully repaid. It was closed on {{ closed_on | date }}, and you owe nothing more on it.',
          'Please keep this letter with your papers. Thank you for borrowing with us.',
        ],
        facts: [
          ['Loan', '{{ loan }}'],
          ['Closed on', '{{ closed_on | date }}'],
        ],
      }),
      sms: 'Dear {{ name }}, your {{ lender }} loan {{ loan }} is fully repaid and was closed on {{ closed_on | date }}. You owe nothing more on it. Thank you.',
      push: {
        title: 'Your loan is repaid',
        body: 'Loan {{ loan }} was closed on {{ closed_on | date }}. You owe nothing more on it.',
      },
    },
    'hi-IN': {
      email: letter('hi-IN', {
        subject: 'आपका लोन {{ loan }} चुक गया है और बंद हो गया है',
        heading: 'बधाई हो, आपका लोन चुक गया है',
        paragraphs: [
          'आपका लोन {{ loan }} पूरा चुक गया है। इसे {{ closed_on | date }} को बंद कर दिया गया है और अब इस पर आपका कुछ भी बकाया नहीं है।',
          'कृपया इस पत्र को अपने कागज़ों के साथ संभाल कर रखें। हमसे लोन लेने के लिए धन्यवाद।',
        ],
        facts: [
          ['लोन संख्या', '{{ loan }}'],
          ['बंद होने की तारीख', '{{ closed_on | date }}'],
        ],
      }),
      sms: '{{ name }} जी, आपका {{ lender }} लोन {{ loan }} पूरा चुक गया है और {{ closed_on | date }} को बंद हो गया है। अब कुछ भी बकाया नहीं है। धन्यवाद।',
      push: {
        title: 'आपका लोन चुक गया है',
        body: 'लोन {{ loan }} {{ closed_on | date }} को बंद हो गया है। अब कुछ भी बकाया नहीं है।',
      },
    },
  },
});
