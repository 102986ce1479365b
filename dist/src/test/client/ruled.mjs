// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// A server whose permissions a test changes while it runs, and the tokens to log in with.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { send } from './http.mjs';
import { Server } from './server.mjs';

const ADMIN = 'an-admin-token-for-tests';
const SECRET = 'a secret of at least thirty-two characters';

/// What may be done with records.
export const all = { create: true, write: true, read: true, delete: true, listen: true, notify: true };

/// Everything is allowed, but for what is said here.
export const rules = (changed = {}) => ({
  record: { '*': all, ...changed.record },
  event: { '*': { publish: true, subscribe: true, listen: true }, ...changed.event },
  rpc: { '*': { provide: true, request: true }, ...changed.rpc },
  presence: { '*': { allow: true }, ...changed.presence },
  ...changed.more,
});

export class RuledServer extends Server {
  /// @param config beside that of permissions, admin calls and logins
  constructor(first = rules(), config = {}) {
    super({ permissions: 'permissions.yml', admin: { token: ADMIN }, auth: [{ type: 'jwt', secret: SECRET }], ...config });
    this.#place(first);
  }

  #place(content) {
    writeFileSync(path.join(this.home, 'permissions.yml'), JSON.stringify(content));
  }

  /// Gives it these rules and waits until they are in effect; how much has ended because of it.
  async reload(content) {
    this.#place(content);
    const answer = await send(this, 'POST', '/admin/permissions/reload', { headers: { Authorization: `Bearer ${ADMIN}` } });
    assert.equal(answer.status, 200, answer.text);
    return answer.json.ended;
  }
}

/// Who has it logs in as that user.
export function token(sub, claims = {}) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const text = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ sub, exp: Math.floor(Date.now() / 1000) + 3600, ...claims })}`;
  return `${text}.${createHmac('sha256', SECRET).update(text).digest('base64url')}`;
}
