// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// An authority that certifies whom a test wants certified: P-256 keys, written in DER by hand, because Node reads
// certificates and makes none.
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import net from 'node:net';

function der(tag, ...parts) {
  const body = Buffer.concat(parts);
  const length =
    body.length > 0xff ? [0x82, body.length >> 8, body.length & 0xff] : body.length > 0x7f ? [0x81, body.length] : [body.length];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
}

const sequence = (...parts) => der(0x30, ...parts);
const oid = (...bytes) => der(0x06, Buffer.from(bytes));
const ecdsaWithSha256 = sequence(oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2));
const yes = der(0x01, Buffer.from([0xff]));
const commonName = (name) => sequence(der(0x31, sequence(oid(0x55, 4, 3), der(0x0c, Buffer.from(name)))));
const extension = (number, value, ...flags) => sequence(oid(0x55, 0x1d, number), ...flags, der(0x04, value));

function time(ms) {
  return der(0x17, Buffer.from(new Date(ms).toISOString().replace(/\D/g, '').slice(2, 14) + 'Z'));
}

function alternative(name) {
  return net.isIPv4(name) ? der(0x87, Buffer.from(name.split('.').map(Number))) : der(0x82, Buffer.from(name));
}

const pem = (kind, bytes) => `-----BEGIN ${kind}-----\n${bytes.toString('base64').match(/.{1,64}/g).join('\n')}\n-----END ${kind}-----\n`;

function certificate(subject, keys, issuer, issuerKey, days, ...extensions) {
  const now = Date.now();
  const end = now + days * 86_400_000;
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    ecdsaWithSha256,
    commonName(issuer),
    sequence(time(Math.min(now, end) - 3_600_000), time(end)),
    commonName(subject),
    keys.publicKey.export({ type: 'spki', format: 'der' }),
    ...(extensions.length ? [der(0xa3, sequence(...extensions))] : []),
  );
  const signature = sign('sha256', body, issuerKey);
  return pem('CERTIFICATE', sequence(body, ecdsaWithSha256, der(0x03, Buffer.from([0]), signature)));
}

/// `{ ca, certify(name, { names, days }) }`; what is certified has `cert` and `key`, PEM. Expired with days below 0.
export function authority(name = 'Test authority') {
  const own = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const ca = certificate(name, own, name, own.privateKey, 400, extension(0x13, sequence(yes), yes));
  return {
    ca,
    certify(subject, { names = [], days = 365 } = {}) {
      const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const extensions = names.length ? [extension(0x11, sequence(...names.map(alternative)))] : [];
      return {
        cert: certificate(subject, keys, name, own.privateKey, days, ...extensions),
        key: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }),
      };
    },
  };
}
