import { defineSending } from '../src/notifications/sending/define.ts';

export default defineSending(
  'sms',
  'Sends a text message by the tenant’s providers of SMS: once, and only while somebody wants it.',
);
