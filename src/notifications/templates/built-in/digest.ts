import { z } from 'zod';
import { builtIn, count, LETTER_SAMPLE, words } from './built-in.ts';
import { letter } from './letter.ts';

const { lender, name, contact } = LETTER_SAMPLE;

/** `line` says a reminder in a line, `text` the whole of it. */
const items = z.array(z.looseObject({ line: z.string().min(1), text: z.string() })).min(1);

const LINES =
  '{% for item in items %}{% unless forloop.first %} | {% endunless %}{{ item.line }}{% endfor %}';

export const digest = builtIn({
  name: 'digest',
  version: 1,
  category: 'reminder',
  about: 'Several reminders go out as one message.',
  needs: { lender: words, name: words, contact: words.optional(), count, items },
  sample: {
    ...{ lender, name, contact, count: 2 },
    items: [
      { line: 'EMI Rs.12,481.00 of loan SF-20481 is due today.', text: 'EMI Rs.12,481.00 is due today.' },
      { line: 'EMI Rs.900.00 of loan SF-7 is overdue.', text: 'EMI Rs.900.00 is overdue.' },
    ],
  },
  locales: {
    'en-IN': {
      email: letter('en-IN', {
        subject: '{{ count }} reminders from {{ lender }}',
        heading: 'Your reminders',
        paragraphs: ['We would like to remind you of the following.'],
        list: ['items', '{{ item.line }}'],
        facts: [],
      }),
      sms: `Dear {{ name }}, {{ count }} reminders from {{ lender }}: ${LINES}`,
      push: { title: '{{ count }} reminders', body: LINES },
    },
    'hi-IN': {
      email: letter('hi-IN', {
        subject: '{{ lender }} की ओर से {{ count }} सूचनाएँ',
        heading: 'आपके लिए सूचनाएँ',
        paragraphs: ['हम आपको इन बातों की याद दिलाना चाहते हैं।'],
        list: ['items', '{{ item.line }}'],
        facts: [],
      }),
      sms: `{{ name }} जी, {{ lender }} की ओर से {{ count }} सूचनाएँ: ${LINES}`,
      push: { title: '{{ count }} सूचनाएँ', body: LINES },
    },
  },
});
