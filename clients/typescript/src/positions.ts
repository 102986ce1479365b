// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

const DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const TAG_FROM = 10;
const TAG_TO = 15;

/**
 * Which log and epoch an event id belongs to. An id is a ULID: 48 bits of time (the first ten
 * characters), 24 bits of tag, 56 bits of place. The next five characters hold the tag and one more
 * bit. Ids of one tag compare as text like the log.
 */
function tagOf(id: string): number {
  let bits = 0;
  for (const character of id.slice(TAG_FROM, TAG_TO)) {
    bits = bits * DIGITS.length + DIGITS.indexOf(character);
  }
  return bits >> 1;
}

/** Up to where a subscription has seen each log: what it recovers from. */
export class Positions {
  readonly #byTag = new Map<number, string>();

  constructor(ids: readonly string[] = []) {
    for (const id of ids) this.#byTag.set(tagOf(id), id);
  }

  /** Whether the event lies ahead; if so, it is now seen. */
  advance(id: string): boolean {
    const tag = tagOf(id);
    const seen = this.#byTag.get(tag);
    if (seen !== undefined && id <= seen) return false;
    this.#byTag.set(tag, id);
    return true;
  }

  ids(): readonly string[] {
    return [...this.#byTag.values()];
  }
}
