// The text of the lab: words of two letters with a space behind each, some of them far more frequent than others.

/** Words that two letters can make. */
export const VOCABULARY: number = 26 * 26
/** Letters of a word and the space behind it. */
export const WORD_LENGTH = 3

const FIRST_LETTER = 'a'.charCodeAt(0)

/** The number of a word, from its letters. */
export function idOf(first: number, second: number): number {
  return (first - FIRST_LETTER) * 26 + second - FIRST_LETTER
}

/** Adds the words of a piece of text to counts. */
export function countInto(counts: Uint32Array | number[], text: string): void {
  for (let at = 0; at < text.length; at += WORD_LENGTH) {
    const id = idOf(text.charCodeAt(at), text.charCodeAt(at + 1))
    counts[id] = (counts[id] ?? 0) + 1
  }
}

/** A text of so many words, the same every time: the word of rank r comes about 1/r as often as the first. */
export function makeText(words: number): string {
  let state = 12_345
  const pieces: string[] = []
  for (let word = 0; word < words; word++) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    const id = Math.floor(VOCABULARY ** (state / 2_147_483_648)) - 1
    pieces.push(String.fromCharCode(FIRST_LETTER + Math.floor(id / 26), FIRST_LETTER + (id % 26), 32))
  }
  return pieces.join('')
}

/** Pieces of a text of so many words each. */
export function* piecesOf(text: string, words: number): Generator<string> {
  for (let at = 0; at < text.length; at += words * WORD_LENGTH) yield text.slice(at, at + words * WORD_LENGTH)
}
