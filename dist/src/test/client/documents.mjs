// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// The documents face over HTTP, as a program without a client library uses it.

/// One collection of a server's documents.
export class Documents {
  #base;

  constructor(server, service) {
    this.service = service;
    this.#base = `http://127.0.0.1:${server.port}/api/sync/${encodeURIComponent(service)}/documents`;
  }

  path(id, below = '') {
    return `${this.#base}${id === undefined ? '' : `/${encodeURIComponent(id)}`}${below}`;
  }

  /// Sends a request; answers `{status, body, etag, headers}`.
  async send(method, id, below, body, headers = {}) {
    const type = body === undefined ? {} : { 'content-type': 'application/json' };
    const answer = await fetch(this.path(id, below), {
      method,
      headers: { ...type, ...headers },
      body: body === undefined || typeof body === 'string' ? body : JSON.stringify(body),
    });
    const text = await answer.text();
    return {
      status: answer.status,
      body: text === '' ? undefined : JSON.parse(text),
      etag: answer.headers.get('etag'),
      headers: answer.headers,
    };
  }

  create(data, id, more) {
    return this.send('POST', undefined, '', { data, ...(id === undefined ? {} : { id }), ...more });
  }
  get(id, query = '') {
    return this.send('GET', id, query);
  }
  replace(id, data, more, headers) {
    return this.send('PUT', id, '', { data, ...more }, headers);
  }
  merge(id, data, more, headers) {
    return this.send('PATCH', id, '/merge', { data, ...more }, headers);
  }
  mutate(id, mutations, more, headers) {
    return this.send('POST', id, '/mutate', { mutations, ...more }, headers);
  }
  delete(id, query = '', headers) {
    return this.send('DELETE', id, query, undefined, headers);
  }
  restore(id) {
    return this.send('POST', id, '/restore');
  }
  touch(id, expiresAt) {
    return this.send('POST', id, '/touch', { expiresAt });
  }
}
