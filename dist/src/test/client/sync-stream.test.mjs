// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// Events as Server-Sent Events, read as any HTTP client reads them.
import assert from 'node:assert/strict';
import http from 'node:http';
import test from 'node:test';
import { until } from './clients.mjs';
import { send } from './http.mjs';
import { serverForThisFile } from './server.mjs';
import { SyncSession, told, uniqueService } from './sync.mjs';

const server = await serverForThisFile();
const strict = await serverForThisFile({ auth: [{ type: 'jwt', secret: 'a secret of at least thirty-two characters' }] });

/// Opens a stream and keeps its events: `{event, id, data}`.
function stream(t, query, headers = {}) {
  const events = [];
  let text = '';
  return new Promise((resolve, reject) => {
    const request = http.get({ host: '127.0.0.1', port: server.port, path: `/api/sync/stream?${query}`, headers, agent: false }, (response) => {
      response.setEncoding('utf8');
      response.on('data', (chunk) => {
        const blocks = (text += chunk).split('\n\n');
        text = blocks.pop();
        for (const block of blocks) {
          const fields = block.split('\n').filter((line) => !line.startsWith(':')).map((line) => /^(\w+): (.*)$/.exec(line).slice(1));
          if (fields.length > 0) events.push(Object.fromEntries(fields));
        }
      });
      response.on('error', () => {});
      resolve({ status: response.statusCode, headers: response.headers, events, next: () => until(() => events.shift(), 'an event'), close: () => request.destroy() });
    });
    request.on('error', reject);
    t.after(() => request.destroy());
  });
}

test('a stream tells what a socket tells, and goes on where it ended', async (t) => {
  const service = uniqueService();
  const topic = `sync.${service}.updated`;
  const [writer, socket] = [await SyncSession.open(t, server), await SyncSession.open(t, server)];
  await socket.subscribe(topic, { returnMode: 'both' });
  const first = await stream(t, `topic=${topic}&returnMode=both`);
  assert.equal(first.status, 200);
  assert.match(first.headers['content-type'], /^text\/event-stream/);
  const subscribed = await first.next();
  assert.equal(subscribed.event, 'subscribed');
  await writer.done('create', { service, id: 'a', data: { text: 'line\nline ☂' } });
  const event = await first.next();
  const envelope = await socket.event();
  assert.deepEqual(JSON.parse(event.data), envelope);
  assert.deepEqual([event.event, event.id], [topic, envelope.id]);
  first.close();
  await writer.done('merge', { service, id: 'a', data: { x: 1 } });
  const again = await stream(t, `topic=${topic}&returnMode=diff`, { 'Last-Event-ID': event.id });
  assert.equal(JSON.parse((await again.next()).data).recovered, true);
  assert.equal(told(JSON.parse((await again.next()).data)), 'merge 2 a');
  const fromTheBeginning = await stream(t, `topic=${topic}`, { 'Last-Event-ID': JSON.parse(subscribed.data).position.join() });
  assert.equal(JSON.parse((await fromTheBeginning.next()).data).recovered, true);
  assert.equal(told(JSON.parse((await fromTheBeginning.next()).data)), 'create 1 a');
});

test('a stream may have a filter, a snapshot and several topics', async (t) => {
  const [one, two] = [uniqueService(), uniqueService()];
  const writer = await SyncSession.open(t, server);
  await writer.done('create', { service: one, id: 'a', data: { n: 1 } });
  await writer.done('create', { service: one, id: 'b', data: { n: 2 } });
  await writer.done('create', { service: two, id: 'c', data: { n: 2 } });
  const filter = encodeURIComponent('{"n":{"gte":2}}');
  const events = await stream(t, `topic=sync.${one}.updated&topic=sync.${two}.updated&filter=${filter}&snapshot=true`);
  const four = [await events.next(), await events.next(), await events.next(), await events.next()];
  const tellings = four.filter((each) => each.event !== 'subscribed').map((each) => told(JSON.parse(each.data)));
  assert.deepEqual(tellings.sort(), ['snapshot 1 b', 'snapshot 1 c']);
  await writer.done('merge', { service: two, id: 'c', data: { n: 3 } });
  assert.equal(told(JSON.parse((await events.next()).data)), 'merge 2 c');
});

test('what cannot be streamed is refused before anything is sent', async () => {
  for (const [query, code] of [
    ['', 'INVALID_ARGUMENT'],
    ['topic=sync.x', 'INVALID_ARGUMENT'],
    ['topic=sync.x.updated&filter=%7B%22a%22:%7B%22like%22:1%7D%7D', 'INVALID_FILTER'],
    ['topic=sync.x.updated&returnMode=some', 'INVALID_ARGUMENT'],
    ['topic=sync.x.updated&nonsense=1', 'INVALID_ARGUMENT'],
  ]) {
    const answer = await send(server, 'GET', `/api/sync/stream?${query}`);
    assert.deepEqual([answer.status, answer.json?.code], [400, code], query);
  }
  const stranger = await send(strict, 'GET', '/api/sync/stream?topic=sync.x.updated');
  assert.deepEqual([stranger.status, stranger.json.code], [401, 'UNAUTHENTICATED']);
  assert.equal(stranger.headers['www-authenticate'], 'Bearer');
});
