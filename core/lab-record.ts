import type { MachineFacts } from './machine.ts'
import type { Estimate } from './records.ts'

/** In what a case of a lab is written. */
export type LabLanguage = 'node' | 'python'

/** A moment that a program of a lab reported, by its own monotonic clock. Programs may add members of their own. */
export interface LabEvent {
  /** Milliseconds since the program started. */
  readonly t: number
  /** What it happened to: a worker, a spinner, a client. */
  readonly lane: string
  readonly kind: string
  readonly [more: string]: string | number | boolean | null
}

/** A program, a server or an API that a lab is about. */
export interface LabCaseFacts {
  readonly id: string
  readonly name: string
  readonly language: LabLanguage
}

/** One repetition of one case. */
export interface LabTrial {
  readonly schema: 'forkwise/lab-trial@1'
  readonly case: string
  /** From 1. */
  readonly repeat: number
  /** What was measured, by the key of the figure; empty where the trial failed. */
  readonly figures: Readonly<Record<string, number>>
  /** What was seen, in a word each. */
  readonly words: Readonly<Record<string, string>>
  readonly events: readonly LabEvent[]
  /** Why it failed; null when it did not. */
  readonly failure: string | null
  /** What the gates hold against it: what other programs, the hypervisor or a quota took; absent for nothing. */
  readonly disturbed?: readonly string[]
}

/** Something that is not on this machine, so that a part of a lab is left out. */
export interface LabLack {
  readonly what: string
  readonly remedy: string
}

/** How a figure is called. */
export interface LabFigureFacts {
  readonly title: string
  /** `ms`, `s`, `MiB`, `/s`, `×` …; empty for a count. */
  readonly unit: string
}

/** How a lab was run. */
export interface LabManifest {
  readonly schema: 'forkwise/lab-manifest@1'
  readonly id: string
  readonly createdAt: string
  readonly forkwiseVersion: string
  /** The command that makes such a run again. */
  readonly command: string
  readonly machine: MachineFacts
  readonly lab: string
  readonly quick: boolean
  readonly seed: number
  /** The one thing that a reader may change, and its value in this run; null where the lab has none. */
  readonly change: { readonly name: string; readonly value: string | number } | null
  /** What Python says it is; null where there is none. */
  readonly python: string | null
  readonly cases: readonly LabCaseFacts[]
  readonly lacks: readonly LabLack[]
  /** What was predicted, by the key of the question; empty when nobody was asked. */
  readonly predictions: Readonly<Record<string, string | number>>
}

/** A median with the 95 % interval of the centre, and the values that it is of. */
export interface LabSummary extends Estimate {
  readonly values: readonly number[]
  /** The repetition that each value is from. */
  readonly repeats: readonly number[]
}

/** What was measured of a case. */
export interface LabCell extends LabCaseFacts {
  readonly figures: Readonly<Record<string, LabSummary>>
  /** What was seen in each repetition. */
  readonly words: Readonly<Record<string, readonly string[]>>
  readonly failures: readonly string[]
}

/** Whether what the texts say is so on this machine. */
export interface LabClaim {
  readonly id: string
  readonly outcome: 'confirmed' | 'does not hold here' | 'undecided'
  /** With the figures in it. */
  readonly sentence: string
}

/** A prediction beside what happened. */
export interface LabAnswer {
  readonly id: string
  /** What was asked. */
  readonly label: string
  readonly unit: string
  /** Null where nothing was predicted. */
  readonly predicted: string | number | null
  /** Null where it could not be measured. */
  readonly happened: string | number | null
  /** Null where either is missing, or where the figures do not decide it. */
  readonly right: boolean | null
}

/** A word of the trade that the texts of a lab use. */
export interface LabWord {
  readonly word: string
  readonly means: string
}

/** What a lab came to: everything that its texts and pictures are made from. */
export interface LabResult {
  readonly schema: 'forkwise/lab-result@1'
  readonly manifest: LabManifest
  readonly number: number
  readonly title: string
  /** Chapter and section of the text that the experiment is from. */
  readonly source: string
  readonly question: string
  /** The belief that it ends. */
  readonly misconception: string
  /** Whether these figures end it. */
  readonly beliefEnds: LabClaim['outcome']
  readonly figures: Readonly<Record<string, LabFigureFacts>>
  readonly cells: readonly LabCell[]
  readonly answers: readonly LabAnswer[]
  readonly claims: readonly LabClaim[]
  /** What it shows, with the figures of this run in it. */
  readonly paragraph: string
  readonly pictures: readonly LabPicture[]
  /** The words of the trade that its texts use, each explained. */
  readonly words: readonly LabWord[]
  /** What to change, and the command that does it; null where the lab has nothing to change. */
  readonly change: { readonly help: string; readonly line: string } | null
  /** Where the same thing matters for servers. */
  readonly servers: { readonly text: string; readonly line: string }
}

/** How a mark looks, by what it stands for. */
export type LabTone = 'plain' | 'good' | 'bad' | 'busy' | 'faint'

/** A picture as data: drawn once for the terminal and once for the page. */
export type LabPicture =
  | DotsPicture
  | GanttPicture
  | CurvePicture
  | BarsPicture
  | MatrixPicture
  | HeatPicture
  | LedgerPicture
  | FlowPicture

interface PictureFacts {
  /** Unique in the lab. */
  readonly id: string
  readonly title: string
  /** How to read it, in a sentence. */
  readonly note: string
}

/** Moments on one time line for each lane; what lasted lies behind them. */
export interface DotsPicture extends PictureFacts {
  readonly kind: 'dots'
  readonly spanMs: number
  readonly lanes: readonly {
    readonly name: string
    readonly group: string
    readonly dotsMs: readonly number[]
    readonly spans: readonly LabSpan[]
    /** What is written at the end of the lane. */
    readonly label: string
  }[]
}

/** What lasted from one moment to another. */
export interface LabSpan {
  readonly fromMs: number
  readonly toMs: number
  readonly label: string
  readonly tone: LabTone
}

/** What each worker did, when. */
export interface GanttPicture extends PictureFacts {
  readonly kind: 'gantt'
  readonly spanMs: number
  readonly lanes: readonly { readonly name: string; readonly group: string; readonly bars: readonly LabSpan[] }[]
}

/** Figures over a quantity. */
export interface CurvePicture extends PictureFacts {
  readonly kind: 'curve'
  readonly x: { readonly title: string; readonly unit: string; readonly log: boolean }
  readonly y: { readonly title: string; readonly unit: string; readonly log: boolean }
  readonly series: readonly {
    readonly name: string
    /** `measured` has intervals, `fitted` is a law through them, `reference` is from a text, `predicted` from the reader. */
    readonly style: 'measured' | 'fitted' | 'reference' | 'predicted'
    readonly points: readonly {
      readonly x: number
      readonly y: number
      readonly low: number | null
      readonly high: number | null
    }[]
  }[]
  /** Where something happened. */
  readonly marks: readonly { readonly x: number; readonly label: string }[]
}

/** Figures side by side. */
export interface BarsPicture extends PictureFacts {
  readonly kind: 'bars'
  readonly unit: string
  readonly log: boolean
  readonly bars: readonly {
    readonly name: string
    readonly group: string
    readonly value: number
    readonly low: number | null
    readonly high: number | null
    readonly predicted: number | null
  }[]
}

/** What was seen of each thing, under each heading. */
export interface MatrixPicture extends PictureFacts {
  readonly kind: 'matrix'
  readonly columns: readonly string[]
  /** The same headings in less room, for narrow terminals, and what they and the short cells stand for. */
  readonly short?: { readonly columns: readonly string[]; readonly legend: string }
  readonly rows: readonly {
    readonly name: string
    readonly group: string
    readonly cells: readonly { readonly text: string; readonly short?: string; readonly tone: LabTone }[]
  }[]
}

/** How often each value was met in each stretch of time. */
export interface HeatPicture extends PictureFacts {
  readonly kind: 'heat'
  readonly x: { readonly title: string; readonly unit: string; readonly edges: readonly number[] }
  /** Edges ascend; one more than there are rows. */
  readonly y: { readonly title: string; readonly unit: string; readonly edges: readonly number[] }
  /** Counts by row (from the lowest values) and column. */
  readonly counts: readonly (readonly number[])[]
}

/** What became of each job, one after the other. */
export interface LedgerPicture extends PictureFacts {
  readonly kind: 'ledger'
  readonly columns: readonly string[]
  readonly rows: readonly { readonly cells: readonly string[]; readonly tone: LabTone }[]
}

/** Who is asked by whom and how much of it is answered: boxes in a row, arrows from the first of them. */
export interface FlowPicture extends PictureFacts {
  readonly kind: 'flow'
  readonly flows: readonly {
    readonly name: string
    readonly group: string
    /** From left to right, e.g. clients, NGINX, 2 workers. */
    readonly boxes: readonly string[]
    /** `to`: place of the box that answers. */
    readonly arrows: readonly {
      readonly what: string
      readonly label: string
      readonly to: number
      readonly tone: LabTone
    }[]
  }[]
}
