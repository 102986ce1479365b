// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

export interface Rhythm {
  /** Milliseconds between pings. */
  readonly everyMs: number;
  /** Milliseconds in which something has to come back. */
  readonly withinMs: number;
}

export interface Heard {
  ping(): void;
  /** Nothing came back. */
  silent(): void;
}

/** Finds out that the other side is gone without a word. */
export class Heartbeat {
  readonly #rhythm: Rhythm;
  readonly #heard: Heard;
  #isHeard = true;
  #isDeaf = false;
  #isOver = false;
  #next: NodeJS.Timeout | undefined;

  constructor(rhythm: Rhythm, heard: Heard) {
    this.#rhythm = rhythm;
    this.#heard = heard;
    this.#await(rhythm.everyMs, () => this.#ask());
  }

  /** Anything at all came. */
  heard(): void {
    this.#isHeard = true;
  }

  /** While nothing is read, nothing is heard either. */
  deaf(isDeaf: boolean): void {
    this.#isDeaf = isDeaf;
    this.#isHeard = true;
  }

  stop(): void {
    clearTimeout(this.#next);
    this.#isOver = true;
  }

  #ask(): void {
    this.#isHeard = false;
    this.#heard.ping();
    // A program that was busy for longer finds its timers due before it has read what came.
    this.#await(this.#rhythm.withinMs, () => setImmediate(() => this.#judge()));
  }

  #judge(): void {
    if (this.#isOver) return;
    if (!this.#isHeard && !this.#isDeaf) return this.#heard.silent();
    this.#await(this.#rhythm.everyMs, () => this.#ask());
  }

  #await(ms: number, then: () => void): void {
    this.#next = setTimeout(then, ms);
  }
}
