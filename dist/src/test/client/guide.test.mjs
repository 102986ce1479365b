// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// The guide about documents, command by command as it stands.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { serverForThisFile } from './server.mjs';

const server = await serverForThisFile();
const guide = readFileSync(new URL('../../../../docs/guides/documents.md', import.meta.url), 'utf8');
const blocks = [...guide.matchAll(/^```sh\n(.*?)^```$/gms)].map((match) => match[1].replaceAll('localhost:6020', `127.0.0.1:${server.port}`));
const run = (block) => execFileSync('bash', ['-c', block], { encoding: 'utf8', timeout: 20_000 });

test('every command of the guide does what it says', () => {
  const revisions = blocks
    .filter((block) => !block.includes('-sN'))
    .map((block) => {
      const text = run(block);
      return /"code":"([A-Z_]+)"/.exec(text)?.[1] ?? Number([...text.matchAll(/"revision":(\d+)/g)].at(-1)[1]);
    });
  assert.deepEqual(revisions, [1, 1, 2, 3, 4, 'REVISION_CONFLICT', 5, 7, 7, 1]);
});

test('a watcher sees what is written', async () => {
  const [watching] = blocks.filter((block) => block.includes('-sN'));
  const url = /'(http:)?([^']+)'/.exec(watching)[2];
  const abort = new AbortController();
  const answer = await fetch(`http://${url}`, { signal: abort.signal, headers: { accept: 'text/event-stream' } });
  assert.equal(answer.headers.get('content-type').split(';')[0], 'text/event-stream');
  run(blocks.find((block) => block.includes('/merge')));
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of answer.body) {
    text += decoder.decode(chunk, { stream: true });
    if (/^id: .*\ndata: .*\n\n/m.test(text)) break;
  }
  abort.abort();
  const [, place, data] = /^id: (.*)\ndata: (.*)$/m.exec(text);
  const event = JSON.parse(data);
  assert.equal(event.topic, 'sync.session.updated');
  assert.deepEqual(event.payload.diff, { added: { notes: 'ok' }, removed: {}, changed: {} });
  assert.equal(place, event.id);
});
