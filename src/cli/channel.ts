import { Option } from 'commander';
import { CHANNELS, type Channel } from '../notifications/channels.ts';
import { wrongInput } from './exit.ts';

/** @throws CliError where there is no such channel */
export function channelOf(text: string): Channel {
  const channel = CHANNELS.find((each) => each === text);
  if (!channel) throw wrongInput(`There is no channel ${text}.`, [`Channels: ${CHANNELS.join(', ')}.`]);
  return channel;
}

/** An option that takes one channel. */
export function channelOption(description: string): Option {
  return new Option('--channel <channel>', description).argParser(channelOf);
}

/** An option that takes some of them, as `email,sms`. */
export function channelsOption(description: string): Option {
  return new Option('--channels <names>', `some of ${CHANNELS.join(',')}: ${description}`).argParser((text) =>
    text.split(',').map(channelOf),
  );
}
