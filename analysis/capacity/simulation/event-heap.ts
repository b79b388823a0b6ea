/** A binary min-heap of (key, id) pairs over typed arrays, for the events of a simulation. It grows as needed. */
export class EventHeap {
  #keys = new Float64Array(64)
  #ids = new Int32Array(64)
  #size = 0

  /** How many events are waiting. */
  get size(): number {
    return this.#size
  }

  /** Key of the next event; Infinity when there is none. */
  get firstKey(): number {
    return this.#size === 0 ? Infinity : (this.#keys[0] as number)
  }

  /** Adds an event. */
  push(key: number, id: number): void {
    if (this.#size === this.#ids.length) this.#grow()
    const keys = this.#keys
    const ids = this.#ids
    let place = this.#size++
    while (place > 0) {
      const parent = (place - 1) >> 1
      const parentKey = keys[parent] as number
      if (parentKey <= key) break
      keys[place] = parentKey
      ids[place] = ids[parent] as number
      place = parent
    }
    keys[place] = key
    ids[place] = id
  }

  /** Takes the event with the least key and returns its id; -1 when there is none. */
  pop(): number {
    if (this.#size === 0) return -1
    const keys = this.#keys
    const ids = this.#ids
    const first = ids[0] as number
    const size = --this.#size
    const key = keys[size] as number
    const id = ids[size] as number
    let place = 0
    for (;;) {
      let child = 2 * place + 1
      if (child >= size) break
      if (child + 1 < size && (keys[child + 1] as number) < (keys[child] as number)) child++
      if ((keys[child] as number) >= key) break
      keys[place] = keys[child] as number
      ids[place] = ids[child] as number
      place = child
    }
    keys[place] = key
    ids[place] = id
    return first
  }

  #grow(): void {
    const keys = new Float64Array(this.#keys.length * 2)
    const ids = new Int32Array(this.#ids.length * 2)
    keys.set(this.#keys)
    ids.set(this.#ids)
    this.#keys = keys
    this.#ids = ids
  }
}
