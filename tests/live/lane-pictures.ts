import type { Page } from 'playwright-core'

/** A lane as it was drawn, with the times that its unit told, on the machine's monotonic clock in seconds. */
export interface Picture {
  readonly unit: string
  readonly state: string
  readonly spinner: string
  /** When its loop turned last. */
  readonly turnedS: number
  /** When the turn was told that moved its spinner last. */
  readonly toldS: number
}

/** A turn of one loop that took long, and what was drawn of it and of the other worker meanwhile. */
export interface Block {
  readonly unit: string
  readonly fromS: number
  readonly toS: number
  readonly pictures: readonly Picture[]
  readonly others: readonly Picture[]
}

const WATCH_LANES = `{
  window.pictures = []
  for (const lane of document.querySelectorAll('#lanes > li')) {
    let last = ''
    new MutationObserver(() => {
      const { unit, state, turned, told } = lane.dataset
      const picture = { unit, state, spinner: lane.querySelector('.spinner').textContent, turnedS: Number(turned), toldS: Number(told) }
      const text = JSON.stringify(picture)
      if (text !== last) window.pictures.push(picture)
      last = text
    }).observe(lane, { attributes: true, childList: true, characterData: true, subtree: true })
  }
}`

/** Has a page note each picture of a lane that differs from the one before. */
export async function watchLanes(page: Page): Promise<void> {
  await page.evaluate(WATCH_LANES)
}

/** What was noted so far, in its order. */
export function picturesOf(page: Page): Promise<readonly Picture[]> {
  return page.evaluate<Picture[]>('window.pictures')
}

/** The blocks of workers that are over: drawn as such, and then a later turn. */
export function blocksIn(pictures: readonly Picture[]): Block[] {
  return pictures.flatMap(({ unit, state, turnedS: fromS }, place) => {
    const mine = pictures.slice(place).filter((picture) => picture.unit === unit)
    const toS = mine.find(({ turnedS }) => turnedS > fromS)?.turnedS
    if (state !== 'blocked' || toS === undefined) return []
    const others = pictures.filter(
      (other) => other.unit !== unit && other.unit !== 'primary' && other.toldS > fromS && other.toldS < toS,
    )
    return [{ unit, fromS, toS, pictures: mine.filter(({ turnedS }) => turnedS === fromS), others }]
  })
}

/** Whether two tabs saw the same. */
export function isSame(one: Block, other: Block): boolean {
  return one.unit === other.unit && one.fromS === other.fromS
}

/** Each step from one frame of a spinner to another. */
export function movesIn(pictures: readonly Picture[]): { readonly from: Picture; readonly to: Picture }[] {
  return pictures.flatMap((to, place) => {
    const from = pictures.slice(0, place).findLast(({ unit }) => unit === to.unit)
    return from === undefined || from.spinner === to.spinner ? [] : [{ from, to }]
  })
}
