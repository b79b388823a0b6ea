/** First in, first out, in constant time however long it is (`Array.shift` moves every element of a long array). */
export class Queue<T> {
  #items: T[] = []
  #head = 0

  /** How many items wait. */
  get length(): number {
    return this.#items.length - this.#head
  }

  /** Adds an item at the end. */
  push(item: T): void {
    this.#items.push(item)
  }

  /** Takes the oldest item; undefined when there is none. */
  shift(): T | undefined {
    const item = this.#items[this.#head]
    if (item === undefined) return undefined
    this.#head++
    if (this.#head >= 1024 && this.#head * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#head)
      this.#head = 0
    }
    return item
  }

  /** Forgets everything. */
  clear(): void {
    this.#items = []
    this.#head = 0
  }
}
