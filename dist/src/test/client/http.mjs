// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// Plain HTTP, as callers without a client of their own speak it.
import http from 'node:http';

/// One request on a connection of its own. `body` is sent as it is if it is text, else as JSON.
export function send(server, method, path, { body, headers = {}, raw = false } = {}) {
  const text = body === undefined ? undefined : raw ? body : JSON.stringify(body);
  const sent = { ...headers };
  if (text !== undefined) {
    sent['Content-Length'] = Buffer.byteLength(text);
    if (!Object.keys(sent).some((name) => name.toLowerCase() === 'content-type')) sent['Content-Type'] = 'application/json';
  }
  return new Promise((resolve, reject) => {
    const request = http.request({ host: '127.0.0.1', port: server.port, method, path, headers: sent, agent: false }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const answer = Buffer.concat(chunks).toString();
        const isJson = (response.headers['content-type'] ?? '').startsWith('application/json');
        resolve({ status: response.statusCode, headers: response.headers, text: answer, json: isJson && answer ? JSON.parse(answer) : undefined });
      });
    });
    request.on('error', reject);
    request.end(text);
  });
}

/// Posts messages to the API; the whole answer.
export function batch(server, messages, more = {}) {
  return send(server, 'POST', '/api', { body: { ...more, body: messages } });
}

/// Posts one message; its result.
export async function ask(server, message, more) {
  const answer = await batch(server, [message], more);
  if (answer.status !== 200) throw new Error(`${answer.status}: ${answer.text}`);
  return answer.json.body[0];
}
