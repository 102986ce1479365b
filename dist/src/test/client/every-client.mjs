// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// Every client as a watcher of one collection, all saying what they see in the same words: revision, id of the change,
// the data exactly (`text`) or as JavaScript's own reader has it (`data`), or that it was deleted.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import readline from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';
import WebSocket from 'ws';
import { connect, json, within } from './clients.mjs';
import { runJava } from './java.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const typescript = process.env.FRESHET_TYPESCRIPT ?? path.resolve(here, '../../../../clients/typescript');
const built = path.join(typescript, 'target/esm/index.js');
assert.ok(existsSync(built), `${built} is missing: npm ci && npm run build in clients/typescript`);
export const { Decimal, RealtimeClient } = await import(pathToFileURL(built).href);

/// Who sees what. `exact`: numbers as they are, not as doubles. `versioned`: tells revisions. `row`: data with its id.
export const WATCHERS = {
  'Java record': { exact: true, versioned: true },
  'Java topic': { exact: true, versioned: true, event: true },
  'Java diffs': { exact: true, versioned: true, event: true },
  'Java stream': { exact: true, versioned: true, event: true, row: true },
  'npm record': { versioned: true },
  'TypeScript topic': { exact: true, versioned: true, event: true },
  'TypeScript stream': { exact: true, versioned: true, event: true, row: true },
  'Pulse stream': { event: true, row: true },
};

/// Everything that is seen, by watcher and document.
export class Seen {
  #by = new Map();

  add(watcher, id, what) {
    this.of(watcher, id).push(what);
  }

  of(watcher, id) {
    const key = `${watcher} ${id}`;
    if (!this.#by.has(key)) this.#by.set(key, []);
    return this.#by.get(key);
  }
}

/// A Java program with a client of each kind.
export class JavaPeer {
  #child;
  #waiting = new Map();
  #ready;
  #lastRef = 0;

  static async start(t, server, collection, seen) {
    const peer = new JavaPeer();
    peer.#child = runJava('io.freshet.dist.JavaPeer', `ws://127.0.0.1:${server.port}`, collection);
    const ended = new Promise((resolve) => peer.#child.once('exit', resolve));
    t.after(() => {
      peer.#child.stdin.end();
      return within(ended, 'the end of the Java program');
    });
    const ready = new Promise((resolve) => {
      peer.#ready = resolve;
    });
    readline.createInterface({ input: peer.#child.stdout }).on('line', (line) => peer.#said(JSON.parse(line), seen));
    const early = ended.then((code) => Promise.reject(new Error(`the Java program ended with code ${code}`)));
    early.catch(() => {});
    await within(Promise.race([ready, early]), 'the Java program');
    return peer;
  }

  #said({ ready, done, watcher, id, ...what }, seen) {
    if (ready) this.#ready();
    else if (done) this.#waiting.get(done)();
    else seen.add(`Java ${watcher}`, id, what);
  }

  /// @param value its JSON text
  tell(line, value) {
    const ref = `${++this.#lastRef}`;
    const text = JSON.stringify({ ...line, ref });
    this.#child.stdin.write(`${value === undefined ? text : `${text.slice(0, -1)},"value":${value}}`}\n`);
    return within(new Promise((resolve) => this.#waiting.set(ref, resolve)), text);
  }
}

/// A client of ours for JavaScript.
export async function typescriptClient(t, server) {
  const made = new RealtimeClient({ url: server.syncUrl, numbers: 'exact', WebSocket });
  t.after(() => made.disconnect());
  await within(made.connect(), 'the TypeScript client');
  return made;
}

export async function watchTypescript(t, server, collection, seen) {
  const made = await typescriptClient(t, server);
  const subscription = made.subscribe({ topic: `sync.${collection}.updated` });
  made.on(`event:${subscription}`, ({ id: event, metadata: { documentId, revision }, payload: { data, deleted } }) => {
    seen.add('TypeScript topic', documentId, { event, revision, ...(deleted ? { deleted } : { text: textOf(data) }) });
  });
  await within(made.ready(subscription), 'the subscription');
  const stream = made.collection(collection).stream();
  await within(stream.ready(), 'the stream');
  const read = async () => {
    for await (const change of stream) {
      const { id: event, documentId, revision, action } = change;
      const what = action === 'delete' ? { deleted: true } : { text: textOf(change.created ?? change.after) };
      seen.add('TypeScript stream', documentId, { event, revision, ...what });
    }
  };
  const ended = read();
  t.after(() => {
    stream.stop();
    return within(ended, 'the end of the stream');
  });
}

/// @param model of a Prisma Client
export async function watchPulse(t, model, seen) {
  const stream = await model.stream();
  const read = async () => {
    for await (const change of stream) {
      const row = change.created ?? change.after ?? change.deleted;
      const what = change.action === 'delete' ? { deleted: true } : { data: json(row) };
      seen.add('Pulse stream', String(row.id), { event: change.id, ...what });
    }
  };
  const ended = read();
  t.after(() => {
    stream.stop();
    return within(ended, 'the end of the stream');
  });
}

/// Opens a record wherever records are watched.
export async function watchRecord(t, { server, java, collection, id, seen }) {
  await java.tell({ do: 'watch', id });
  const npm = await connect(t, server);
  const record = await npm.record.getRecord(`${collection}/${id}`).whenReady();
  record.subscribe((data) => seen.add('npm record', id, { revision: record.version, data: json(data) }));
  record.on('delete', () => seen.add('npm record', id, { deleted: true }));
}

/// JSON of what a client with exact numbers has read.
function textOf(value) {
  if (typeof value === 'bigint' || value instanceof Decimal) return String(value);
  if (Array.isArray(value)) return `[${value.map(textOf)}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  return `{${Object.entries(value).map(([key, member]) => `${JSON.stringify(key)}:${textOf(member)}`)}}`;
}

/// Data of a JSON text, each number as its digits: however it is spelled, and however long it is.
export function exactly(text) {
  return JSON.parse(text.replace(/"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g, (token) => (token[0] === '"' ? token : digitsOf(token))));
}

function digitsOf(number) {
  const [, sign, whole, fraction = '', exponent = '0'] = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(number);
  const digits = (whole + fraction).replace(/^0+/, '');
  const kept = digits.replace(/0+$/, '');
  return JSON.stringify(kept ? `${sign}${kept}e${Number(exponent) - fraction.length + digits.length - kept.length}` : '0');
}
