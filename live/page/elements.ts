/** The element of the document with this id; throws when there is none, or one of another kind. */
export function element<T extends Element>(id: string, kind: new () => T): T {
  const found = document.querySelector(`#${id}`)
  if (!(found instanceof kind)) throw new Error(`Expected #${id} to be a ${kind.name}.`)
  return found
}

/** A new element with a class and text; text is never markup. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className: string = '',
  text: string = '',
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag)
  if (className !== '') made.className = className
  if (text !== '') made.textContent = text
  return made
}

/** Sets text where it changed: what did not change costs the page nothing. */
export function say(node: Element, text: string): void {
  if (node.textContent !== text) node.textContent = text
}

/** Value of a colour of the page, e.g. `--ink`. */
export function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim()
}
