// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// The deepstream protocol by hand, for what the client library cannot be made to say: a small protobuf codec and a
// session over a plain WebSocket. Only fields that were on the wire appear in a decoded message.
import assert from 'node:assert/strict';
import WebSocket from 'ws';

export const TOPIC = { UNKNOWN: 0, PARSER: 1, CONNECTION: 2, AUTH: 3, EVENT: 4, RECORD: 5, RPC: 6, PRESENCE: 7 };
export const CONNECTION = {
  PING: 2, PONG: 3, ACCEPT: 4, CHALLENGE: 5, REJECT: 6, REDIRECT: 7, CLOSING: 8, CLOSED: 9,
  AUTHENTICATION_TIMEOUT: 100, INVALID_MESSAGE: 101,
};
export const AUTH = {
  REQUEST: 2, AUTH_SUCCESSFUL: 3, AUTH_UNSUCCESSFUL: 4, TOO_MANY_AUTH_ATTEMPTS: 100, INVALID_MESSAGE: 101,
  INVALID_MESSAGE_DATA: 102,
};
export const PARSER = { UNKNOWN_TOPIC: 1, UNKNOWN_ACTION: 2, INVALID_MESSAGE: 3, MESSAGE_PARSE_ERROR: 4 };
export const RECORD = {
  NOTIFY: 2, READ: 3, READ_RESPONSE: 4, HEAD: 5, HEAD_RESPONSE: 6, HEAD_RESPONSE_BULK: 8, DELETE: 9,
  DELETE_SUCCESS: 10, DELETED: 13, WRITE_ACKNOWLEDGEMENT: 14, CREATEANDUPDATE: 16, CREATEANDPATCH: 17, UPDATE: 18,
  PATCH: 19, ERASE: 20, SUBSCRIBEANDHEAD: 21, SUBSCRIBEANDREAD: 22, SUBSCRIBECREATEANDREAD: 23, SUBSCRIBE: 25,
  UNSUBSCRIBE: 26, LISTEN: 27, UNLISTEN: 28, LISTEN_ACCEPT: 29, LISTEN_REJECT: 30, SUBSCRIPTION_HAS_PROVIDER: 31,
  SUBSCRIPTION_HAS_NO_PROVIDER: 32, SUBSCRIPTION_FOR_PATTERN_FOUND: 33, SUBSCRIPTION_FOR_PATTERN_REMOVED: 34,
  PATCH_MULTI: 35, VERSION_EXISTS: 102, RECORD_UPDATE_ERROR: 105, RECORD_NOT_FOUND: 107, INVALID_VERSION: 108,
  INVALID_LISTEN_REGEX: 110, LISTEN_RESPONSE_TIMEOUT: 111, RECORD_NOTIFY_ERROR: 113, MESSAGE_DENIED: 115,
  INVALID_MESSAGE_DATA: 116, MULTIPLE_SUBSCRIPTIONS: 117, NOT_SUBSCRIBED: 118,
};
export const EVENT = {
  EMIT: 2, SUBSCRIBE: 3, UNSUBSCRIBE: 4, LISTEN: 5, UNLISTEN: 6, LISTEN_ACCEPT: 7, LISTEN_REJECT: 8,
  SUBSCRIPTION_HAS_PROVIDER: 9, SUBSCRIPTION_FOR_PATTERN_FOUND: 11, SUBSCRIPTION_FOR_PATTERN_REMOVED: 12,
  INVALID_LISTEN_REGEX: 100, LISTEN_RESPONSE_TIMEOUT: 101, MESSAGE_DENIED: 104, INVALID_MESSAGE_DATA: 105,
  MULTIPLE_SUBSCRIPTIONS: 106, NOT_SUBSCRIBED: 107,
};
export const RPC = {
  REQUEST: 2, ACCEPT: 4, RESPONSE: 5, REJECT: 6, REQUEST_ERROR: 7, PROVIDE: 8, UNPROVIDE: 9, NO_RPC_PROVIDER: 100,
  ACCEPT_TIMEOUT: 101, MULTIPLE_ACCEPT: 102, INVALID_RPC_CORRELATION_ID: 103, RESPONSE_TIMEOUT: 104,
  MESSAGE_DENIED: 107, INVALID_MESSAGE_DATA: 108, MULTIPLE_PROVIDERS: 109, NOT_PROVIDED: 110,
};
export const PRESENCE = {
  QUERY_ALL: 2, QUERY_ALL_RESPONSE: 3, QUERY: 4, QUERY_RESPONSE: 5, PRESENCE_JOIN: 6, PRESENCE_JOIN_ALL: 7,
  PRESENCE_LEAVE: 8, PRESENCE_LEAVE_ALL: 9, SUBSCRIBE: 10, UNSUBSCRIBE: 11, SUBSCRIBE_ALL: 12, UNSUBSCRIBE_ALL: 13,
  INVALID_PRESENCE_USERS: 100, MESSAGE_DENIED: 102, MULTIPLE_SUBSCRIPTIONS: 103, NOT_SUBSCRIBED: 104,
};

// field name -> [number, kind]; kinds: i(nt or enum), b(ool), s(tring), r(epeated string), m(ap string -> int)
const SCHEMA = {
  [TOPIC.PARSER]: { action: [1, 'i'], data: [2, 's'], originalTopic: [8, 'i'], originalAction: [9, 'i'] },
  [TOPIC.CONNECTION]: {
    action: [1, 'i'], data: [2, 's'], isError: [3, 'b'], isAck: [4, 'b'], url: [5, 's'], protocolVersion: [6, 's'],
    sdkVersion: [7, 's'], sdkType: [8, 's'],
  },
  [TOPIC.AUTH]: { action: [1, 'i'], data: [2, 's'], isError: [3, 'b'], isAck: [4, 'b'] },
  [TOPIC.EVENT]: {
    action: [1, 'i'], data: [2, 's'], correlationId: [3, 's'], isError: [4, 'b'], isAck: [5, 'b'], name: [6, 's'],
    names: [7, 'r'], subscription: [8, 's'], originalAction: [11, 'i'],
  },
  [TOPIC.RECORD]: {
    action: [1, 'i'], data: [2, 's'], correlationId: [3, 's'], isError: [4, 'b'], isAck: [5, 'b'], name: [6, 's'],
    names: [7, 'r'], subscription: [9, 's'], originalAction: [10, 'i'], isWriteAck: [11, 'b'], path: [12, 's'],
    version: [13, 'i'], versions: [14, 'm'],
  },
  [TOPIC.RPC]: {
    action: [1, 'i'], data: [2, 's'], correlationId: [3, 's'], isError: [4, 'b'], isAck: [5, 'b'], names: [6, 'r'],
    name: [7, 's'], originalAction: [9, 'i'], requestorName: [10, 's'], requestorData: [11, 's'],
  },
  [TOPIC.PRESENCE]: {
    action: [1, 'i'], originalAction: [3, 'i'], data: [4, 's'], correlationId: [5, 's'], isError: [6, 'b'],
    isAck: [7, 'b'], name: [8, 's'], names: [9, 'r'],
  },
};

function varint(value) {
  let rest = BigInt.asUintN(64, BigInt(value)); // a negative number takes ten bytes
  const bytes = [];
  do {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    bytes.push(rest > 0n ? low | 0x80 : low);
  } while (rest > 0n);
  return Buffer.from(bytes);
}

const chunk = (number, bytes) => Buffer.concat([varint((number << 3) | 2), varint(bytes.length), bytes]);

function encodeField([number, kind], value) {
  switch (kind) {
    case 'i':
      return Buffer.concat([varint(number << 3), varint(value)]);
    case 'b':
      return Buffer.concat([varint(number << 3), varint(value ? 1 : 0)]);
    case 's':
      return chunk(number, Buffer.isBuffer(value) ? value : Buffer.from(value));
    case 'r':
      return Buffer.concat(value.map((one) => chunk(number, Buffer.from(one))));
    case 'm':
      return Buffer.concat(
        Object.entries(value).map(([key, one]) =>
          chunk(number, Buffer.concat([chunk(1, Buffer.from(key)), varint(2 << 3), varint(one)]))));
    default:
      throw new Error(`kind ${kind}`);
  }
}

/// One frame: length, topic, body. A string field may be given as a Buffer, to send what is not UTF-8.
export function encode(topic, fields) {
  const schema = SCHEMA[topic] ?? SCHEMA[TOPIC.RECORD];
  const body = Buffer.concat(
    Object.keys(schema).filter((name) => fields[name] !== undefined).map((name) => encodeField(schema[name], fields[name])));
  return frame(topic, body);
}

/// One frame around any bytes.
export function frame(topic, body) {
  const envelope = Buffer.concat([varint(2 << 3), varint(topic), chunk(3, body)]);
  return Buffer.concat([varint(envelope.length), envelope]);
}

class Reader {
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
  }
  get done() {
    return this.at >= this.bytes.length;
  }
  varint() {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      assert.ok(!this.done && shift < 70n, 'a complete varint');
      const byte = this.bytes[this.at++];
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    return Number(BigInt.asIntN(64, value));
  }
  slice() {
    const length = this.varint();
    assert.ok(this.at + length <= this.bytes.length, 'a complete field');
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }
}

function fieldsOf(bytes) {
  const reader = new Reader(bytes);
  const fields = [];
  while (!reader.done) {
    const tag = reader.varint();
    assert.ok((tag & 7) === 0 || (tag & 7) === 2, `wire type ${tag & 7}`);
    fields.push([tag >> 3, (tag & 7) === 0 ? reader.varint() : reader.slice()]);
  }
  return fields;
}

/// The message in a frame, which must hold exactly one: the client drops what follows the first.
export function decode(bytes) {
  const reader = new Reader(bytes);
  const envelope = reader.slice();
  assert.ok(reader.done, 'exactly one message per frame');
  const outer = Object.fromEntries(fieldsOf(envelope));
  const topic = outer[2];
  const schema = SCHEMA[topic];
  assert.ok(schema, `known topic ${topic}`);
  const message = { topic };
  for (const [number, value] of fieldsOf(outer[3] ?? Buffer.alloc(0))) {
    const known = Object.entries(schema).find(([, [n]]) => n === number);
    assert.ok(known, `field ${number} belongs to topic ${topic}`);
    const [name, [, kind]] = known;
    if (kind === 'i') message[name] = value;
    else if (kind === 'b') message[name] = value !== 0;
    else if (kind === 's') message[name] = value.toString();
    else if (kind === 'r') (message[name] ??= []).push(value.toString());
    else {
      const entry = Object.fromEntries(fieldsOf(value));
      (message[name] ??= {})[(entry[1] ?? '').toString()] = entry[2] ?? 0;
    }
  }
  return message;
}

/// What matters of a message: `false` flags may as well be absent; data is parsed, and is JSON whenever it is there.
export function plain(message) {
  const result = { ...message };
  for (const flag of ['isError', 'isAck', 'isWriteAck']) if (result[flag] === false) delete result[flag];
  if (result.data !== undefined) result.data = JSON.parse(result.data);
  return result;
}

const DEADLINE_MS = 15_000;

/// A socket that says exactly what it is told. Frames are read strictly in order by next(), or by what they are.
export class Session {
  #waiting = [];

  /// Opens the WebSocket and nothing else.
  static open(t, url, options = {}) {
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(url, { perMessageDeflate: false, ...options });
      const session = new Session(socket);
      t.after(() => socket.terminate());
      socket.once('open', () => resolve(session));
      socket.once('error', reject);
    });
  }

  /// Opens, shakes hands and logs in.
  static async login(t, server, { sdkVersion = '7.0.5', auth = {} } = {}) {
    const session = await Session.open(t, server.url);
    await session.challenge(sdkVersion);
    session.send(TOPIC.AUTH, { action: AUTH.REQUEST, data: JSON.stringify(auth) });
    const reply = await session.next();
    assert.equal(reply.topic, TOPIC.AUTH);
    assert.equal(reply.action, AUTH.AUTH_SUCCESSFUL);
    return session;
  }

  constructor(socket) {
    this.socket = socket;
    this.inbox = [];
    this.closed = new Promise((resolve) => socket.once('close', (code) => resolve(code)));
    this.isClosed = false;
    socket.on('error', () => {}); // a close follows
    socket.on('close', () => {
      this.isClosed = true;
      this.#wake();
    });
    socket.on('message', (bytes, binary) => {
      this.inbox.push(binary ? plain(decode(bytes)) : { text: bytes.toString() });
      this.#wake();
    });
  }

  #wake() {
    this.#waiting.splice(0).forEach((wake) => wake());
  }

  async challenge(sdkVersion = '7.0.5') {
    this.send(TOPIC.CONNECTION, {
      action: CONNECTION.CHALLENGE, url: this.socket.url, protocolVersion: '0.1a', sdkVersion, sdkType: 'javascript',
    });
    await this.expect({ topic: TOPIC.CONNECTION, action: CONNECTION.ACCEPT });
  }

  sendBytes(bytes) {
    this.socket.send(bytes);
  }

  send(topic, fields) {
    this.socket.send(encode(topic, fields));
  }

  /// Sends a RECORD message; a `value` becomes the JSON in its data.
  record(action, { value, ...fields } = {}) {
    this.send(TOPIC.RECORD, { action, ...fields, ...(value === undefined ? {} : { data: JSON.stringify(value) }) });
  }

  /// The next frame, in order.
  next(what = 'a frame') {
    return this.find(() => true, what);
  }

  /// The next frame must be exactly this (data as a value).
  async expect(message) {
    const received = await this.next(`a frame like ${JSON.stringify(message)}`);
    assert.deepEqual(received, message);
    return received;
  }

  /// The next frame must be a refusal with this name and the action refused; what its text says is for people.
  async expectRefusal(topic, action, fields) {
    const { data, ...received } = await this.next(`a refusal like ${JSON.stringify({ topic, action, ...fields })}`);
    assert.deepEqual(received, { topic, action, isError: true, ...fields });
    assert.match(data, /^[A-Z_]+: ./);
  }

  /// Sends a message of any topic and reads the next frame, which must be exactly this.
  async ask(topic, fields, answer) {
    this.send(topic, fields);
    await this.expect({ topic, ...answer });
  }

  /// The next RECORD frame must be exactly this.
  expectRecord(action, fields = {}) {
    return this.expect({ topic: TOPIC.RECORD, action, ...fields });
  }

  /// The first frame that fits, wherever it stands among those not yet read.
  async find(fits, what = String(fits)) {
    const end = Date.now() + DEADLINE_MS;
    for (;;) {
      const index = this.inbox.findIndex(fits);
      if (index >= 0) return this.inbox.splice(index, 1)[0];
      const left = end - Date.now();
      if (this.isClosed || left <= 0) {
        assert.fail(`${this.isClosed ? 'closed' : 'timed out'} waiting for ${what}; unread: ${JSON.stringify(this.inbox)}`);
      }
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#waiting.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  findRecord(action, fields = {}) {
    const wanted = Object.entries(fields);
    return this.find(
      (m) => m.topic === TOPIC.RECORD && m.action === action && wanted.every(([key, value]) => m[key] === value),
      `RECORD ${action} ${JSON.stringify(fields)}`);
  }

  /// A typed refusal of this request: an error of the RECORD topic that says which action it refuses, and of which name.
  findRefusal(originalAction, name) {
    return this.find(
      (m) => m.topic === TOPIC.RECORD && m.isError && m.originalAction === originalAction && (name === undefined || (m.name ?? '') === name),
      `a refusal of action ${originalAction}${name === undefined ? '' : ` of ${name}`}`);
  }

  /// Asks for a version, which is answered after everything that was committed before; the frames that came first
  /// stay unread.
  async head(name) {
    this.record(RECORD.HEAD, { name });
    return (await this.findRecord(RECORD.HEAD_RESPONSE, { name })).version;
  }

  /// Nothing unread may be there once everything committed so far has arrived.
  async silent(what = 'no further frame') {
    await this.head(`silence/${Math.random()}`);
    assert.deepEqual(this.inbox, [], what);
  }

  /// Subscribes, creates and reads one record; gives the READ_RESPONSE.
  async subscribe(name) {
    const correlationId = `s-${name}`;
    this.record(RECORD.SUBSCRIBECREATEANDREAD, { names: [name], correlationId });
    await this.find((m) => m.isAck && m.correlationId === correlationId, 'the acknowledged subscription');
    return this.findRecord(RECORD.READ_RESPONSE, { name });
  }

  /// Writes, asking for an acknowledgement; gives the answer, whatever it is.
  attempt(action, fields) {
    const correlationId = `w-${this.writes = (this.writes ?? 0) + 1}`;
    this.record(action, { ...fields, isWriteAck: true, correlationId });
    return this.find((m) => m.topic === TOPIC.RECORD && m.correlationId === correlationId, `answer to ${action}`);
  }

  /// Writes and waits for the acknowledgement; a refusal fails.
  async write(action, fields) {
    const { correlationId, ...reply } = await this.attempt(action, fields);
    assert.deepEqual(reply, { topic: TOPIC.RECORD, action: RECORD.WRITE_ACKNOWLEDGEMENT, name: fields.name, isWriteAck: true });
  }

  /// Sets the whole record, whatever its version.
  set(name, value) {
    return this.write(RECORD.CREATEANDUPDATE, { name, version: -1, value });
  }

  /// Sets one path, whatever the version.
  patch(name, path, value) {
    return this.write(RECORD.CREATEANDPATCH, { name, version: -1, path, value });
  }

  /// Reads a record as it is; undefined when there is none.
  async snapshot(name) {
    this.record(RECORD.READ, { name });
    const reply = await this.find(
      (m) => m.name === name && (m.action === RECORD.READ_RESPONSE || m.originalAction === RECORD.READ), `a read of ${name}`);
    return reply.isError ? undefined : { version: reply.version, data: reply.data };
  }

  async remove(name) {
    this.record(RECORD.DELETE, { name });
    await this.findRecord(RECORD.DELETE_SUCCESS, { name });
  }
}
