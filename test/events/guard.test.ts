import { describe, expect, test } from 'vitest';
import { createGuard, type Resolve } from '../../src/events/guard.ts';

const NAMES: Record<string, string[]> = {
  'receiver.example': ['93.184.215.14', '2606:2800:21f:cb07:6820:80da:af6b:8b2c'],
  'inside.example': ['127.0.0.1'],
  'half-inside.example': ['93.184.215.14', '10.1.2.3'],
};
const resolve: Resolve = async (name) =>
  (NAMES[name] ?? []).map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
const guard = createGuard({ allow_private: false, resolve });

function check(url: string): Promise<void> {
  return guard.check(new URL(url));
}

describe('an endpoint outside', () => {
  test.each([
    'https://receiver.example/hooks?of=loans',
    'https://receiver.example:8443/',
    'https://receiver.example./',
    'https://93.184.215.14/',
    'https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]/',
  ])('%s is called', async (url) => {
    await expect(check(url)).resolves.toBeUndefined();
  });
});

describe('what is refused', () => {
  test.each([
    ['no TLS', 'http://receiver.example/'],
    ['another scheme', 'ftp://receiver.example/'],
    ['a file', 'file:///etc/passwd'],
    ['a name and password', 'https://user:word@receiver.example/'],
    ['a fragment', 'https://receiver.example/#part'],
    ['a privileged port', 'https://receiver.example:22/'],
    ['too long', `https://receiver.example/${'x'.repeat(2_000)}`],
    ['a name without address', 'https://nowhere.example/'],
    ['a name that leads inside', 'https://inside.example/'],
    ['a name that leads inside as well', 'https://half-inside.example/'],
    ['localhost', 'https://localhost/'],
    ['loopback', 'https://127.0.0.1/'],
    ['loopback, elsewhere in its range', 'https://127.8.9.10/'],
    ['loopback, decimal', 'https://2130706433/'],
    ['loopback, octal', 'https://0177.0.0.1/'],
    ['loopback, hexadecimal', 'https://0x7f.1/'],
    ['loopback, short', 'https://127.1/'],
    ['loopback, full-width digits', 'https://１２７.0.0.1/'],
    ['unspecified', 'https://0.0.0.0/'],
    ['private 10/8', 'https://10.0.0.1/'],
    ['private 172.16/12', 'https://172.31.255.254/'],
    ['private 192.168/16', 'https://192.168.1.1/'],
    ['carrier-grade NAT', 'https://100.64.0.1/'],
    ['metadata of AWS, GCP, Azure', 'https://169.254.169.254/latest/meta-data'],
    ['metadata of Alibaba', 'https://100.100.100.200/'],
    ['metadata of Oracle', 'https://192.0.0.192/'],
    ['the host of Azure', 'https://168.63.129.16/'],
    ['multicast', 'https://224.0.0.1/'],
    ['broadcast', 'https://255.255.255.255/'],
    ['reserved', 'https://240.0.0.1/'],
    ['benchmarking', 'https://198.18.0.1/'],
    ['documentation', 'https://203.0.113.7/'],
    ['IPv6 loopback', 'https://[::1]/'],
    ['IPv6 unspecified', 'https://[::]/'],
    ['IPv6 link-local', 'https://[fe80::1]/'],
    ['IPv6 unique local', 'https://[fd00:ec2::254]/'],
    ['IPv6 multicast', 'https://[ff02::1]/'],
    ['IPv4-mapped loopback', 'https://[::ffff:127.0.0.1]/'],
    ['IPv4-mapped private, hexadecimal', 'https://[::ffff:a00:1]/'],
    ['IPv4-compatible loopback', 'https://[::127.0.0.1]/'],
    ['NAT64 of loopback', 'https://[64:ff9b::7f00:1]/'],
    ['6to4 of a private address', 'https://[2002:a00:1::]/'],
    ['Teredo', 'https://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/'],
  ])('%s', async (_what, url) => {
    await expect(check(url)).rejects.toMatchObject({ code: 'forbidden-address' });
  });

  test('at the connection as well: a name that has come to lead inside since', async () => {
    const looked = (name: string) =>
      new Promise((resolved, rejected) =>
        guard.lookup(name, { all: true }, (error, addresses) =>
          error ? rejected(error) : resolved(addresses),
        ),
      );
    expect(await looked('receiver.example')).toHaveLength(2);
    await expect(looked('inside.example')).rejects.toMatchObject({ code: 'forbidden-address' });
    await expect(looked('half-inside.example')).rejects.toMatchObject({ code: 'forbidden-address' });
  });
});

test('on a developer’s machine http and loopback are allowed, other schemes are not', async () => {
  const open = createGuard({ allow_private: true, resolve });
  await open.check(new URL('http://127.0.0.1:8080/hook'));
  await open.check(new URL('https://inside.example/'));
  await expect(open.check(new URL('ftp://127.0.0.1/'))).rejects.toMatchObject({ code: 'forbidden-address' });
});
