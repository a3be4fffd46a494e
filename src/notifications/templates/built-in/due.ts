import { builtIn, INSTALMENT_SAMPLE, instalmentFields } from './built-in.ts';
import { letter } from './letter.ts';

export const due = builtIn({
  name: 'due',
  version: 2,
  category: 'reminder',
  about: 'An instalment falls due today.',
  needs: instalmentFields,
  sample: INSTALMENT_SAMPLE,
  locales: {
    'en-IN': {
      email: letter('en-IN', {
        subject: 'Your instalment of {{ amount | money }} is due today',
        heading: 'Your instalment is due today',
        paragraphs: [
          'The instalment of {{ amount | money }} for your loan {{ loan }} is due today, {{ due_on | date }}.',
          'Please pay it today, so that no charge for late payment is added. If you have paid already, thank you: there is nothing more to do.',
        ],
        facts: [
          ['Loan', '{{ loan }}'],
          ['Instalment', '{{ instalment_number }} of {{ instalments }}'],
          ['Amount', '{{ amount | money }}'],
          ['Due on', '{{ due_on | date }}'],
        ],
        button: ['Pay now', 'pay_link'],
      }),
      sms: 'Dear {{ name }}, EMI {{ amount | money }} of your {{ lender }} loan {{ loan }} is due today, {{ due_on | date }}.{% if pay_link %} Pay at {{ pay_link }}{% endif %} Please ignore this if paid.',
      push: {
        title: 'EMI due today',
        body: '{{ amount | money }} for loan {{ loan }} is due today. Please ignore this if paid.',
      },
    },
    'hi-IN': {
      email: letter('hi-IN', {
        subject: 'आपकी {{ amount | money }} की किस्त आज देनी है',
        heading: 'आपकी किस्त आज देनी है',
        paragraphs: [
          'आपके लोन {{ loan }} की {{ amount | money }} की किस्त आज, {{ due_on | date }} को देनी है।',
          'कृपया आज ही भुगतान करें, ताकि देरी का कोई शुल्क न लगे। अगर आप भुगतान कर चुके हैं, तो धन्यवाद: आपको और कुछ नहीं करना है।',
        ],
        facts: [
          ['लोन संख्या', '{{ loan }}'],
          ['किस्त', '{{ instalments }} में से {{ instalment_number }}'],
          ['राशि', '{{ amount | money }}'],
          ['देय तारीख', '{{ due_on | date }}'],
        ],
        button: ['अभी भुगतान करें', 'pay_link'],
      }),
      sms: '{{ name }} जी, {{ lender }} लोन {{ loan }} की EMI {{ amount | money }} आज, {{ due_on | date }} को देनी है।{% if pay_link %} भुगतान: {{ pay_link }}{% endif %} भुगतान कर चुके हों तो इसे अनदेखा करें।',
      push: {
        title: 'EMI आज देनी है',
        body: 'लोन {{ loan }} की {{ amount | money }} की किस्त आज देनी है। भुगतान कर चुके हों तो इसे अनदेखा करें।',
      },
    },
  },
});
