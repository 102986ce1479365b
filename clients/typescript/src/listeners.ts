// SPDX-FileCopyrightText: Freshet contributors
// SPDX-License-Identifier: Apache-2.0

type Listener = (...args: readonly never[]) => void;

/** Who wants to be told what, by name. Listeners are called in the order they were added. */
export class Listeners {
  readonly #byName = new Map<string, readonly Listener[]>();
  /** Of listeners that are wrapped. */
  readonly #originals = new WeakMap<Listener, Listener>();

  add(name: string, listener: Listener): void {
    this.#byName.set(name, [...(this.#byName.get(name) ?? []), listener]);
  }

  addOnce(name: string, listener: Listener): void {
    const once = (...args: readonly never[]) => {
      this.remove(name, listener);
      listener(...args);
    };
    this.#originals.set(once, listener);
    this.add(name, once);
  }

  /** Takes one away, as often as it was added; without a listener, all of that name. */
  remove(name: string, listener?: Listener): void {
    const left =
      listener && this.#byName.get(name)?.filter((each) => this.#original(each) !== listener);
    if (left?.length) this.#byName.set(name, left);
    else this.#byName.delete(name);
  }

  has(name: string): boolean {
    return this.#byName.has(name);
  }

  /**
   * A listener that throws stops neither the others nor the client: its error is thrown again where
   * the program sees it as uncaught.
   */
  tell(name: string, ...args: readonly unknown[]): void {
    for (const listener of this.#byName.get(name) ?? []) {
      try {
        listener(...(args as readonly never[]));
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }

  #original(listener: Listener): Listener {
    return this.#originals.get(listener) ?? listener;
  }
}
