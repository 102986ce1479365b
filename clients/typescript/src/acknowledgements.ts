// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

const HANDLED_MAX = 32;
const WAIT_MS = 10;

/** What was handled, for the server: an acknowledgement says it of everything up to a change. */
export class Acknowledgements {
  readonly #send: (id: string) => void;
  readonly #handledMax: number;
  #id: string | undefined;
  #handled = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param window how many the server lets wait for an acknowledgement, if that is known */
  constructor(send: (id: string) => void, window = Infinity) {
    this.#send = send;
    this.#handledMax = Math.min(HANDLED_MAX, Math.ceil(window / 2));
  }

  /** @param isUrgent whether there is nothing to wait for */
  add(id: string, isUrgent: boolean): void {
    this.#id = id;
    if (isUrgent || ++this.#handled >= this.#handledMax) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), WAIT_MS);
  }

  flush(): void {
    const id = this.#id;
    this.clear();
    if (id !== undefined) this.#send(id);
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = this.#id = undefined;
    this.#handled = 0;
  }
}
