import { defineSending } from '../src/notifications/sending/define.ts';

export default defineSending(
  'email',
  'Sends a mail by the tenant’s providers of mail: once, and only while somebody wants it.',
);
