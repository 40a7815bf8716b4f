/** Passes pushed items to one reader, in order. A failure overtakes items that are still waiting. */
export class LineQueue<Item> implements AsyncIterable<Item> {
  #items: Item[] = [];
  #ended = false;
  #failure: { readonly reason: unknown } | undefined;
  #wake: (() => void) | undefined;

  push(item: Item): void {
    this.#items.push(item);
    this.#wake?.();
  }

  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  fail(reason: unknown): void {
    if (this.#ended) return;
    this.#failure ??= { reason };
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Item> {
    for (;;) {
      this.#throwFailure();
      const items = this.#items;
      this.#items = [];
      for (const item of items) {
        yield item;
        // The reader may have taken long.
        this.#throwFailure();
      }
      if (this.#items.length > 0) continue;
      if (this.#ended) return;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  #throwFailure(): void {
    if (this.#failure) throw this.#failure.reason;
  }
}
