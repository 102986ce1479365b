// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// The package in a real browser, as it is published: a page loads its modules and uses a real
// server. The browser comes with the development dependencies.
import assert from 'node:assert/strict';
import { createReadStream } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import test, { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import chromium from '@sparticuz/chromium';
import { chromium as playwright } from 'playwright-core';
import type { Browser, Page } from 'playwright-core';
import type * as Freshet from '@freshet/client';
import { until } from '../waiting.js';
import { connect, relay, serverForThisFile, unique } from './server.js';

const here = path.dirname(fileURLToPath(import.meta.url));
const modules = path.resolve(here, '../../../esm');
const ARGUMENTS = ['--no-sandbox', '--disable-background-networking'];

const server = await serverForThisFile();
const browser = await launch();
after(() => browser.close());

async function launch(): Promise<Browser> {
  try {
    const executablePath = await chromium.executablePath();
    return await playwright.launch({ executablePath, args: ARGUMENTS, headless: true });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(
      `The browser does not start. It comes with "npm ci"; see what it says: ${reason}`,
    );
  }
}

declare global {
  var freshet: typeof Freshet;
}

/** An empty page that has loaded the package. */
async function page(t: test.TestContext): Promise<Page> {
  const files = http.createServer((request, response) => {
    const name = path.basename(request.url ?? '');
    if (name === '')
      return response.setHeader('content-type', 'text/html').end('<title>test</title>');
    response.setHeader('content-type', 'text/javascript');
    return createReadStream(path.join(modules, name))
      .on('error', () => response.writeHead(404).end())
      .pipe(response);
  });
  await new Promise<void>((ready) => files.listen(0, '127.0.0.1', ready));
  const made = await browser.newPage();
  t.after(async () => {
    await made.close();
    files.close();
  });
  await made.goto(`http://127.0.0.1:${(files.address() as AddressInfo).port}/`);
  await made.addScriptTag({
    type: 'module',
    content: "globalThis.freshet = await import('/index.js');",
  });
  await made.waitForFunction(() => 'freshet' in globalThis);
  return made;
}

test('writes, conflicts, events and diffs, with the WebSocket of the browser', async (t) => {
  const service = unique();
  const result = await (
    await page(t)
  ).evaluate(
    async ({ url, service }) => {
      const { RealtimeClient, FreshetError, applyDiff } = globalThis.freshet;
      const realtime = new RealtimeClient({ url });
      const states: string[] = [];
      realtime.on('connection', (state) => states.push(state));
      const id = realtime.subscribe({ topic: `sync.${service}.updated`, returnMode: 'diff' });
      let copy: Freshet.DocumentCopy | undefined;
      const third = new Promise<void>((resolve) => {
        realtime.on(`event:sync.${service}.updated`, (event) => {
          copy = applyDiff(copy, event);
          if (event.metadata.revision === 3) resolve();
        });
      });
      await realtime.ready(id);
      await realtime.sync.create(service, { status: 'active', n: 1 }, 'a');
      await realtime.sync.merge(service, 'a', { status: 'ended' });
      const error: unknown = await realtime.sync.replace(service, 'a', {}, 1).catch((e) => e);
      await realtime.sync.update<{ n: number }>(service, 'a', (data) => ({
        ...data,
        n: data.n + 1,
      }));
      await third;
      const read = await realtime.sync.get(service, 'a');
      realtime.disconnect();
      return {
        states,
        conflict:
          error instanceof FreshetError && error.message.includes('conflict') && error.status,
        copied: copy?.data,
        read: read.data,
      };
    },
    { url: server.url, service },
  );
  const data = { status: 'ended', n: 2 };
  assert.deepEqual(result, {
    states: ['connecting', 'connected', 'disconnected'],
    conflict: 409,
    copied: data,
    read: data,
  });
});

test('a browser that loses its connection goes on where it was', async (t) => {
  const line = await relay(t, server);
  const service = unique();
  const tab = await page(t);
  await tab.evaluate(
    async ({ url, service }) => {
      const realtime = new globalThis.freshet.RealtimeClient({
        url,
        reconnectionDelay: 5,
        reconnectionDelayMax: 100,
        reconnectionAttempts: Infinity,
      });
      const seen: number[] = [];
      Object.assign(globalThis, { realtime, seen });
      const id = realtime.subscribe({ topic: `sync.${service}.updated` });
      realtime.on('event', ({ metadata }) => seen.push(metadata.revision));
      await realtime.ready(id);
      await realtime.sync.create(service, { n: 0 }, 'a');
    },
    { url: line.url, service },
  );
  const state = () => tab.evaluate('realtime.state');
  const seen = () => tab.evaluate('seen');
  const writer = await connect(t, server);
  line.cut();
  await until(async () => (await state()) === 'reconnecting', 'the loss');
  for (let i = 0; i < 5; i++) await writer.sync.mutate(service, 'a', { n: { $inc: 1 } });
  line.heal();
  await until(async () => ((await seen()) as number[]).length >= 6, 'what was missed');
  assert.deepEqual(await seen(), [1, 2, 3, 4, 5, 6]);
});

test('a loop over a stream, in a browser that loses its connection', async (t) => {
  const line = await relay(t, server);
  const service = unique();
  const tab = await page(t);
  await tab.evaluate(
    async ({ url, service }) => {
      const options = { reconnectionDelay: 5, reconnectionDelayMax: 100 };
      const attempts = { reconnectionAttempts: Infinity };
      const realtime = new globalThis.freshet.RealtimeClient({ url, ...options, ...attempts });
      const taken: string[] = [];
      Object.assign(globalThis, { realtime, taken });
      const stream = realtime.collection(service).stream({ name: service });
      await stream.ready();
      void (async () => {
        for await (const { action, revision } of stream) {
          taken.push(`${action} ${revision}`);
          if (action === 'delete') break;
        }
        taken.push('left');
      })();
    },
    { url: line.url, service },
  );
  const writer = await connect(t, server);
  const taken = async () => (await tab.evaluate('taken')) as string[];
  await writer.sync.create(service, { n: 0 }, 'a');
  await until(async () => (await taken()).length >= 1, 'the creation');
  line.cut();
  await until(async () => (await tab.evaluate('realtime.state')) === 'reconnecting', 'the loss');
  await writer.sync.merge(service, 'a', { n: 1 });
  await writer.sync.delete(service, 'a');
  line.heal();
  await until(async () => (await taken()).length >= 4, 'the end of the loop');
  assert.deepEqual(await taken(), ['create 1', 'update 2', 'delete 3', 'left']);
});
