// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// Handshakes and frames that the package never sends, at both routes of the Pulse door: each is refused with a code, or
// is the end of its own connection. Meanwhile a well-behaved client gets everything, in a server with a small heap.
import assert from 'node:assert/strict';
import net from 'node:net';
import test, { after } from 'node:test';
import WebSocket from 'ws';
import { until, untilEqual, within } from './clients.mjs';
import { random } from './dice.mjs';
import { Documents } from './documents.mjs';
import { headersOf } from './pulse.mjs';
import { serverForThisFile } from './server.mjs';

process.env.FRESHET_JAVA_OPTS = '-Xmx256m';
const adminToken = 'an-admin-token-for-tests';
const PLACES = 20;
const server = await serverForThisFile({ admin: { token: adminToken }, streams: { maxPerCollection: PLACES } });
const documents = new Documents(server, 'Beside');
const FIELDS = [
  { name: 'id', kind: 'scalar', type: 'String' },
  { name: 'n', kind: 'scalar', type: 'Int' },
  { name: 'tags', kind: 'scalar', type: 'String', isList: true },
  { name: 'posts', kind: 'object', type: 'Post', relationName: 'PostToUser' },
];
const KIB = 1024;
const PATHS = ['/stream', '/subscribe'];

/// Sends a handshake, byte by byte as it is said; the answer, and the socket.
function knock(path, headers, { start = `GET ${path} HTTP/1.1`, end = '\r\n' } = {}) {
  const all = {
    host: 'localhost', connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==', ...headers,
  };
  const lines = Object.entries(all).flatMap(([name, value]) => [value].flat().map((each) => [name, each]));
  const socket = net.connect(server.port, '127.0.0.1');
  socket.on('error', () => {}); // an end follows
  socket.write(`${start}\r\n`);
  for (const [name, value] of lines) socket.write(Buffer.concat([Buffer.from(`${name}: `), bytes(value), Buffer.from('\r\n')]));
  socket.write(end);
  return socket;
}

const bytes = (value) => (Buffer.isBuffer(value) ? value : Buffer.from(value, 'latin1'));

/// `{status, body, head}` of the answer; status 0 if the connection ends without one.
function answerOf(socket) {
  const answer = new Promise((resolve) => {
    let received = '';
    const done = () => {
      const [head, body] = received.split('\r\n\r\n');
      const status = Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1] ?? 0);
      resolve({ status, head, body });
    };
    socket.on('data', (data) => {
      received += data;
      const length = Number(/content-length: (\d+)/i.exec(received)?.[1] ?? 0);
      const at = received.indexOf('\r\n\r\n');
      if (at >= 0 && received.length >= at + 4 + length) done();
    });
    socket.on('close', done);
  });
  return within(answer, 'an answer or the end');
}

async function knocked(t, path, headers, options) {
  const socket = knock(path, headers, options);
  t.after(() => socket.destroy());
  return answerOf(socket);
}

/// What the package makes an error of.
async function refused(t, path, headers, what) {
  const { status, body } = await knocked(t, path, headers);
  assert.ok(status >= 400 && status < 500, `${status} for ${what}`);
  const { code, message, requestId } = JSON.parse(body);
  assert.equal(code, 'P6100', what);
  assert.ok(message.length > 0 && message.length <= 501 && requestId.length > 0, `${message.slice(0, 600)} ${requestId}`);
  return message;
}

const headers = (where, options) => headersOf('Beside', FIELDS, { where, ...options });

/// A client with a stream, as the package has it.
async function open(t, path, options, acknowledge = true) {
  const socket = new WebSocket(`ws://127.0.0.1:${server.port}${path}`, { headers: headers(undefined, options), perMessageDeflate: false });
  t.after(() => socket.terminate());
  const events = [];
  socket.on('message', (data) => {
    events.push(JSON.parse(String(data)));
    if (acknowledge) socket.send(JSON.stringify({ type: 'ack', id: events.at(-1).id }));
  });
  socket.ended = new Promise((resolve) => socket.once('close', resolve));
  await within(new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject)), 'the 101');
  return { socket, events };
}

async function openStreams() {
  const url = `http://127.0.0.1:${server.port}/admin/streams`;
  const answer = await fetch(url, { headers: { authorization: `Bearer ${adminToken}` } });
  return (await answer.json()).streams.filter(({ client }) => client);
}

// The well-behaved one.

const written = [];
let over = false;
const witness = await open({ after }, '/stream', { name: 'witness' });
const writing = (async () => {
  while (!over) {
    const id = `w${written.length}`;
    const answer = await documents.create({ n: written.length, tags: ['a'] }, id);
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
    written.push(id);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
})();
writing.catch(() => {}); // the last test awaits it

// Headers.

for (const path of PATHS) {
  test(`${path}: headers up to the limit are taken, beyond it they are not`, async (t) => {
    const long = (kib) => headers({ create: { id: { in: Array.from({ length: kib }, () => 'x'.repeat(KIB - 3)) } } });
    assert.equal((await knocked(t, path, long(250))).status, 101);
    for (const [what, many] of [
      ['one header', long(260)],
      ['one that is no part of it', { ...headers(), 'x-large': 'x'.repeat(300 * KIB) }],
      ['very many', { ...headers(), 'x-small': Array.from({ length: 20_000 }, () => 'y'.repeat(20)) }],
      ['a name', { ...headers(), ['x'.repeat(300 * KIB)]: '1' }],
    ]) {
      const { status } = await knocked(t, path, many);
      assert.ok(status === 431 || status === 0, `${status} for ${what}`);
    }
    const { status } = await knocked(t, path, headers(), { start: `GET ${path}?${'q'.repeat(20 * KIB)} HTTP/1.1` });
    assert.ok([0, 400, 414, 431].includes(status), `${status} for a long request line`);
  });

  test(`${path}: headers in another character set`, async (t) => {
    const text = (value) => JSON.stringify({ model: { fields: FIELDS }, modelName: 'Beside', where: { create: { id: value } } });
    const latin1 = { ...headers(), subscription: Buffer.from(text('é\u00ff'), 'latin1') };
    const utf8 = { ...headers(), subscription: Buffer.from(text('日本é'), 'utf8') };
    const escaped = { ...headers(), subscription: text('x').replace('"x"', '"\\u65e5\\u672c"') };
    for (const good of [latin1, utf8, escaped]) assert.equal((await knocked(t, path, good)).status, 101);
    for (const bad of [
      Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(text('x'))]), // a byte order mark
      Buffer.from(text('x'), 'utf16le'),
      Buffer.from([0x80, 0xff, 0xfe]),
      text('x').replace('"x"', '"\x01"'),
      text('x').replace('"x"', '"\\ud800"'),
      text('x').replace('"x"', '"\x00"'),
    ]) {
      const { status, body } = await knocked(t, path, { ...headers(), subscription: bad });
      assert.ok(status >= 400 && status < 500, `${status} for ${JSON.stringify(String(bad))}`);
      assert.ok(body.includes('"code"'), body);
    }
  });

  test(`${path}: bad JSON in each header`, async (t) => {
    const nested = (depth) => '['.repeat(depth) + ']'.repeat(depth);
    const subscription = headers().subscription;
    for (const text of [
      '', '{', '[]', '7', 'null', '"x"', subscription.slice(0, -1), `${subscription}x`, `[${subscription}]`,
      nested(100_000), '['.repeat(200_000), `{"modelName":"Beside","modelName":"B","model":{"fields":[]}}`,
      '{"__proto__":{},"modelName":"Beside","model":{"fields":[]}}', '{"modelName":"Beside","model":{"fields":[[]]}}',
      `{"modelName":"Beside","model":{"fields":[]},"where":{"create":${'{"NOT":'.repeat(30_000)}`,
      `{"modelName":"${'M'.repeat(100_000)}","model":{"fields":[]}}`,
      '{"modelName":"Beside","model":{"fields":[{"name":"n","kind":"scalar","type":"Money"}]}}',
      '{"modelName":"Beside","model":{"fields":[]},"where":{"create":{"n":1e999999999}}}',
    ]) {
      await refused(t, path, { ...headers(), subscription: text }, text.slice(0, 60));
    }
    await refused(t, path, { ...headers(), subscription: [subscription, subscription] }, 'two of them');
    const { subscription: _, ...without } = headers();
    await refused(t, path, without, 'none');
    const version = { ...headers(), 'prisma-client-version': '{'.repeat(10_000) };
    assert.equal((await knocked(t, path, version)).status, 101, 'the version is for people only');
  });

  test(`${path}: filters that are bombs, and operators nobody knows`, async (t) => {
    const deep = (operator, depth) => (depth === 0 ? { n: 1 } : { [operator]: [deep(operator, depth - 1)] });
    const wide = (operator, count) => ({ [operator]: Array.from({ length: count }, (_, n) => ({ n })) });
    const list = (count) => Array.from({ length: count }, (_, n) => n);
    const not = (depth) => (depth === 0 ? 1 : { not: not(depth - 1) });
    for (const filter of [
      deep('AND', 20), deep('OR', 20), wide('OR', 999), { n: { in: list(10_000) } }, { n: { notIn: list(10_000) } },
      { tags: { hasSome: list(5_000).map(String) } },
    ]) {
      const { status, body } = await knocked(t, path, headers({ create: filter, delete: { id: 'never' } }));
      assert.equal(status, 101, `${body} for ${JSON.stringify(filter).slice(0, 60)}`);
    }
    const binary = (depth) => (depth === 0 ? { n: 1 } : { OR: [binary(depth - 1), binary(depth - 1)] });
    for (const [filter, part] of [
      [deep('AND', 33), /deep|nest|level/], [deep('OR', 33), /deep|nest|level/], [deep('NOT', 33), /deep|nest|level/],
      [deep('AND', 1_000), /./], [{ n: not(40) }, /deep|nest|level/], [binary(11), /conditions/],
      [wide('AND', 1_001), /conditions/], [{ n: { in: list(10_001) } }, /values/],
      [{ AND: Array.from({ length: 20 }, () => ({ n: { in: list(600) } })) }, /values/],
      [{ OR: Array.from({ length: 101 }, (_, i) => ({ id: { contains: `${i}` } })) }, /contains/],
      [{ n: { nope: 1 } }, /nope/], [{ n: { $gt: 1 } }, /gt/], [{ n: { search: 'x' } }, /./], [{ nope: 1 }, /nope/],
      [{ posts: { some: {} } }, /relation/], [{ n: 'text' }, /n/], [{ n: 2 ** 40 }, /n/], [{ n: { in: 7 } }, /in/],
      [{ id: { contains: 7 } }, /contains/], [{ id: { equals: { $type: 'Json', value: '{' } } }, /./], [7, /./],
      [{ constructor: 1 }, /./], [{ tags: { has: {} } }, /./],
    ]) {
      for (const where of [{ create: filter }, { update: { after: filter } }, { delete: filter }]) {
        const message = await refused(t, path, headers(where), JSON.stringify(filter).slice(0, 60));
        assert.match(message, part);
      }
    }
  });
}

test('bad names of streams', async (t) => {
  for (const stream of [
    '', '{', '[]', '7', '"s"', '{"name":7}', '{"name":""}', '{"name":{}}', `{"name":"${'x'.repeat(513)}"}`, '{"name":"a\\u0000b"}',
    '{"name":"a\\nb"}', '{"name":"\\ud800"}', '{"name":"a","name":"b"}', '['.repeat(50_000),
  ]) {
    await refused(t, '/stream', { ...headers(), stream }, stream.slice(0, 60));
  }
});

// Frames.

test('frames that are no acknowledgements change nothing, and the stream goes on', async (t) => {
  for (const path of PATHS) {
    const { socket, events } = await open(t, path, { name: 'frames' });
    for (const frame of [
      '', '{', '[]', 'null', '{"type":"ack"}', '{"type":"ack","id":7}', '{"type":"ack","id":"x"}', '{"type":"stop"}',
      '{"type":"ack","id":"7ZZZZZZZZZZZZZZZZZZZZZZZZZ"}', '['.repeat(1000), 'x'.repeat(60 * KIB),
      `{"type":"ack","id":"${'0'.repeat(26)}","more":"${'x'.repeat(900)}"}`,
    ]) {
      socket.send(frame);
      socket.send(Buffer.from(frame)); // the same, binary
      for (const part of frame) {
        if (frame.length > 100) break;
        socket.send(part, { fin: false });
      }
      socket.send('', { fin: true }); // ends what was sent in pieces, or is one more empty message
    }
    const before = events.length;
    await until(() => events.length > before + 3, `events at ${path} behind all that`);
    assert.equal(socket.readyState, WebSocket.OPEN);
    socket.close();
    await within(socket.ended, 'the end');
  }
});

test('an acknowledgement in pieces, with a ping between them, counts', async (t) => {
  const { socket, events } = await open(t, '/stream', { name: 'pieces' }, false);
  const event = await until(() => events[0], 'an event');
  const frame = JSON.stringify({ type: 'ack', id: event.id });
  socket.send(frame.slice(0, 10), { fin: false });
  const pong = new Promise((resolve) => socket.once('pong', resolve));
  socket.ping('between');
  socket.send(frame.slice(10, 12), { fin: false });
  socket.send(frame.slice(12), { fin: true });
  assert.equal(String(await within(pong, 'the pong')), 'between');
  await until(async () => (await openStreams()).find(({ name }) => name === 'pieces')?.place >= event.id, 'the place');
});

/// A frame as it goes over the wire.
function frame(first, payload, { masked = true, length = payload.length } = {}) {
  const size = length < 126 ? [length] : length < 65536 ? [126, length >> 8, length & 255] : [127, ...eight(length)];
  size[0] |= masked ? 0x80 : 0;
  return Buffer.concat([Buffer.from([first, ...size]), Buffer.alloc(masked ? 4 : 0), payload]);
}

function eight(length) {
  const out = Buffer.alloc(8);
  out.writeBigUInt64BE(BigInt(length));
  return out;
}

test('what is no WebSocket ends its own connection only', async (t) => {
  const some = Buffer.from('{"type":"ack"}');
  const { below } = random(7);
  for (const path of PATHS) {
    for (const [what, ...frames] of [
      ['without a mask', frame(0x81, some, { masked: false })],
      ['with a reserved bit', frame(0xc1, some)],
      ['with a reserved opcode', frame(0x83, some)],
      ['a continuation of nothing', frame(0x80, some)],
      ['a message within another', frame(0x01, some), frame(0x81, some)],
      ['a ping in pieces', frame(0x09, some)],
      ['a ping that is too long', frame(0x89, Buffer.alloc(126))],
      ['text that is no UTF-8', frame(0x81, Buffer.from([0xff, 0xfe, 0x80]))],
      ['a message that is larger than any', frame(0x81, Buffer.alloc(0), { length: 2 ** 40 })],
      ['2 MiB', frame(0x82, Buffer.alloc(2 << 20))],
      ['2 MiB in pieces', frame(0x01, some), ...Array.from({ length: 2048 }, () => frame(0x00, Buffer.alloc(KIB, 32)))],
      ['a close with half a code', frame(0x88, Buffer.from([3]))],
      ['noise', Buffer.from(Array.from({ length: 5_000 }, () => below(256)))],
    ]) {
      const socket = knock(path, headers());
      t.after(() => socket.destroy());
      assert.equal((await answerOf(socket)).status, 101);
      const ended = new Promise((resolve) => socket.once('close', resolve));
      for (const each of frames) socket.write(each);
      await within(ended, `the end of ${path} after ${what}`);
    }
  }
});

test('floods of acknowledgements and pings', async (t) => {
  const { socket, events } = await open(t, '/stream', { name: 'flood' });
  await until(() => events.length > 3, 'some events');
  const place = async () => (await openStreams()).find(({ name }) => name === 'flood')?.place;
  const { below } = random(11);
  const digits = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
  for (let i = 0; i < 100_000; i++) {
    const tail = Array.from({ length: 4 }, () => digits[below(32)]).join('');
    const real = events[below(events.length)].id;
    const id = i % 3 === 0 ? real : i % 3 === 1 ? real.slice(0, 22) + tail : `7ZZZ${real.slice(4)}`;
    socket.send(JSON.stringify({ type: 'ack', id }));
    if (i % 1000 === 0) {
      socket.ping();
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  const before = events.length;
  await until(() => events.length > before + 3, 'events behind the flood');
  assert.ok((await place()) <= events.at(-1).id, 'not further than what was sent');
  const ids = events.map(({ id }) => id);
  assert.deepEqual(ids, [...new Set(ids)].sort(), 'each once and in order');
  for (let i = 0; i < 10_000; i++) socket.ping();
  const here = events.length;
  await until(() => events.length > here + 3, 'events behind the pings');
});

// Handshakes that are not waited for.

test('five hundred handshakes are begun and given up, and leave nothing', async (t) => {
  const { below } = random(5);
  for (let at = 0; at < 500; at += 50) {
    const crowd = Array.from({ length: 50 }, (_, i) => {
      const path = PATHS[below(2)];
      const name = below(3) === 0 ? 'everybodys' : `mine${at + i}`;
      const socket = knock(path, headers(undefined, { name }), below(4) === 0 ? { end: '' } : {});
      return new Promise((resolve) => {
        socket.once('close', resolve);
        const go = () => (below(2) === 0 ? socket.resetAndDestroy() : socket.destroy());
        if (below(2) === 0) socket.once('connect', () => setTimeout(go, below(20)));
        else setTimeout(go, below(5));
      });
    });
    await within(Promise.all(crowd), 'the end of fifty');
  }
  await untilEqual(async () => (await openStreams()).map(({ name }) => name), ['witness']);
  const again = await open(t, '/stream', { name: 'everybodys' });
  assert.equal(again.socket.readyState, WebSocket.OPEN);
});

test('handshakes that never end wait, and keep nobody out', async (t) => {
  const half = Array.from({ length: 200 }, () => {
    const socket = knock('/stream', { ...headers(), 'x-more': 'x'.repeat(100 * KIB) }, { end: '' });
    t.after(() => socket.destroy());
    return socket;
  });
  const { events } = await open(t, '/subscribe');
  await until(() => events.length > 3, 'events beside them');
  half.forEach((socket) => socket.destroy());
});

test('the well-behaved client got everything, once and in order', async () => {
  over = true;
  await writing;
  await untilEqual(() => witness.events.length, written.length);
  assert.equal(witness.socket.readyState, WebSocket.OPEN);
  assert.deepEqual(witness.events.map(({ created }) => created.id), written);
  assert.ok(written.length > 100, `${written.length} documents were written meanwhile`);
  assert.equal((await fetch(`http://127.0.0.1:${server.port}/health-check`)).status, 200);
});
