import { defineSending } from '../src/notifications/sending/define.ts';

export default defineSending(
  'push',
  'Sends a push message to a borrower’s phone by Firebase: once, and only while somebody wants it.',
);
