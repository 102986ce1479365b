// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0
// What a 7.0 client does with a path and with a frame, written down independently of it: the model for these tests.
import assert from 'node:assert/strict';
import { RECORD } from './raw.mjs';

/// "a.b[2].c" is "a", "b", 2, "c": names are strings, what stands in brackets is a number.
export function tokens(path) {
  return path.split('.').map((part) => part.trim()).filter((part) => part !== '').flatMap((part) => {
    const [first, ...rest] = part.split(/[[\]]/);
    return [first, ...rest.filter((piece) => piece !== '').map(Number)];
  });
}

/// A copy of `root` with the path set, or erased when the value is undefined. A gap or an erased element of an array is
/// left as a hole, as the client leaves it: a frame that makes one shows a client something else than the document.
export function withPath(root, path, value) {
  const copy = structuredClone(root);
  const steps = tokens(path);
  let node = copy;
  for (let i = 0; i < steps.length - 1; i++) {
    if (node[steps[i]] === null || typeof node[steps[i]] !== 'object') {
      node[steps[i]] = typeof steps[i + 1] === 'number' ? new Array(steps[i + 1]).fill(null) : {};
    }
    node = node[steps[i]];
  }
  if (value === undefined) delete node[steps.at(-1)];
  else node[steps.at(-1)] = structuredClone(value);
  return copy;
}

/// What a client shows after a frame it received.
export function applied(data, frame) {
  switch (frame.action) {
    case RECORD.UPDATE:
    case RECORD.READ_RESPONSE:
      return frame.data;
    case RECORD.PATCH:
    case RECORD.ERASE:
      return withPath(data, frame.path, frame.data);
    case RECORD.PATCH_MULTI:
      return frame.data.reduce((now, { path, data: value }) => withPath(now, path, value), data);
    default:
      return assert.fail(`action ${frame.action} changes no data`);
  }
}
