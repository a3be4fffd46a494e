import { builtIn, INSTALMENT_SAMPLE, instalmentFields } from './built-in.ts';
import { letter } from './letter.ts';

export const reminderBeforeDue = builtIn({
  name: 'reminder-before-due',
  version: 2,
  category: 'reminder',
  about: 'An instalment falls due in a few days.',
  needs: instalmentFields,
  sample: INSTALMENT_SAMPLE,
  locales: {
    'en-IN': {
      email: letter('en-IN', {
        subject: 'Your instalment of {{ amount | money }} is due on {{ due_on | date }}',
        heading: 'Your next instalment is coming up',
        paragraphs: [
          'This is a friendly reminder that {{ amount | money }} is due on {{ due_on | date }} for your loan {{ loan }}.',
          'If it is debited from your bank account by itself, please see that the account holds this amount on that day. If you have paid already, thank you: there is nothing more to do.',
        ],
        facts: [
          ['Loan', '{{ loan }}'],
          ['Instalment', '{{ instalment_number }} of {{ instalments }}'],
          ['Amount', '{{ amount | money }}'],
          ['Due on', '{{ due_on | date }}'],
        ],
        button: ['Pay now', 'pay_link'],
      }),
      sms: 'Dear {{ name }}, EMI {{ amount | money }} of your {{ lender }} loan {{ loan }} is due on {{ due_on | date }}.{% if pay_link %} Pay at {{ pay_link }}{% endif %} Please ignore this if paid.',
      push: {
        title: 'EMI due on {{ due_on | date }}',
        body: '{{ amount | money }} for loan {{ loan }}. Please ignore this if paid.',
      },
    },
    'hi-IN': {
      email: letter('hi-IN', {
        subject: 'आपकी {{ amount | money }} की किस्त {{ due_on | date }} को देनी है',
        heading: 'आपकी अगली किस्त की तारीख पास है',
        paragraphs: [
          'हम आपको याद दिलाना चाहते हैं कि आपके लोन {{ loan }} की {{ amount | money }} की किस्त {{ due_on | date }} को देनी है।',
          'अगर किस्त आपके बैंक खाते से अपने आप कटती है, तो कृपया उस दिन खाते में इतनी राशि रखें। अगर आप भुगतान कर चुके हैं, तो धन्यवाद: आपको और कुछ नहीं करना है।',
        ],
        facts: [
          ['लोन संख्या', '{{ loan }}'],
          ['किस्त', '{{ instalments }} में से {{ instalment_number }}'],
          ['राशि', '{{ amount | money }}'],
          ['देय तारीख', '{{ due_on | date }}'],
        ],
        button: ['अभी भुगतान करें', 'pay_link'],
      }),
      sms: '{{ name }} जी, {{ lender }} लोन {{ loan }} की EMI {{ amount | money }}, देय तारीख {{ due_on | date }}।{% if pay_link %} भुगतान: {{ pay_link }}{% endif %} भुगतान कर चुके हों तो इसे अनदेखा करें।',
      push: {
        title: 'EMI की तारीख: {{ due_on | date }}',
        body: 'लोन {{ loan }} की {{ amount | money }} की किस्त। भुगतान कर चुके हों तो इसे अनदेखा करें।',
      },
    },
  },
});
