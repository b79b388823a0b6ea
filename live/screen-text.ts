/** What a piece of text stands for; the terminal decides how that looks. */
export type Style = (kind: 'strong' | 'faint' | 'good' | 'bad' | 'warn' | 'accent', text: string) => string

/** Puts parts side by side, as many in a line as fit. */
export function flow(parts: readonly { readonly plain: string; readonly styled: string }[], columns: number): string[] {
  const lines: { width: number; text: string }[] = []
  for (const { plain, styled } of parts) {
    const last = lines.at(-1)
    if (last === undefined || last.width + 3 + plain.length > columns) lines.push({ width: plain.length, text: styled })
    else {
      last.width += 3 + plain.length
      last.text += `   ${styled}`
    }
  }
  return lines.map(({ text }) => text)
}

/** A text in one line, cut where there is no more room. */
export function cut(text: string, columns: number): string {
  return text.length <= columns ? text : `${text.slice(0, Math.max(0, columns - 1))}…`
}
