import { amount, builtIn, day, LOAN_SAMPLE, loanFields } from './built-in.ts';
import { letter } from './letter.ts';

/** The mail goes with the statement as a PDF. */
export const statementReady = builtIn({
  name: 'statement-ready',
  version: 1,
  category: 'transactional',
  about: 'The statement of a loan is ready.',
  needs: { ...loanFields, from_on: day, to_on: day, outstanding: amount },
  sample: { ...LOAN_SAMPLE, from_on: '2026-11-21', to_on: '2027-03-31', outstanding: '203144.00' },
  locales: {
    'en-IN': {
      email: letter('en-IN', {
        subject: 'Statement of your loan {{ loan }} up to {{ to_on | date }}',
        heading: 'Your statement is ready',
        paragraphs: [
          'The statement of your loan {{ loan }} from {{ from_on | date }} to {{ to_on | date }} is attached as a PDF.',
          'Please look it over, and tell us if anything in it is not as you know it.',
        ],
        facts: [
          ['Loan', '{{ loan }}'],
          ['From', '{{ from_on | date }}'],
          ['To', '{{ to_on | date }}'],
          ['Principal still owed', '{{ outstanding | money }}'],
        ],
      }),
      sms: 'Dear {{ name }}, the statement of your {{ lender }} loan {{ loan }} up to {{ to_on | date }} is ready. Principal still owed: {{ outstanding | money }}.',
      push: {
        title: 'Your statement is ready',
        body: 'Loan {{ loan }} up to {{ to_on | date }}. Principal still owed: {{ outstanding | money }}.',
      },
    },
    'hi-IN': {
      email: letter('hi-IN', {
        subject: 'आपके लोन {{ loan }} का {{ to_on | date }} तक का विवरण',
        heading: 'आपका लोन विवरण तैयार है',
        paragraphs: [
          'आपके लोन {{ loan }} का {{ from_on | date }} से {{ to_on | date }} तक का विवरण (statement) PDF के रूप में साथ लगा है।',
          'कृपया इसे देख लें और कुछ गलत लगे तो हमें बताएँ।',
        ],
        facts: [
          ['लोन संख्या', '{{ loan }}'],
          ['कब से', '{{ from_on | date }}'],
          ['कब तक', '{{ to_on | date }}'],
          ['बाकी मूलधन', '{{ outstanding | money }}'],
        ],
      }),
      sms: '{{ name }} जी, आपके {{ lender }} लोन {{ loan }} का {{ to_on | date }} तक का विवरण तैयार है। बाकी मूलधन {{ outstanding | money }}।',
      push: {
        title: 'आपका लोन विवरण तैयार है',
        body: 'लोन {{ loan }}, {{ to_on | date }} तक। बाकी मूलधन {{ outstanding | money }}।',
      },
    },
  },
});
