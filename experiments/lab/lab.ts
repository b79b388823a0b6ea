import type { LabFigures } from '../../analysis/lab/figures.ts'
import type { Session } from '../../cluster/session.ts'
import type {
  LabCaseFacts,
  LabClaim,
  LabEvent,
  LabFigureFacts,
  LabLack,
  LabManifest,
  LabPicture,
  LabTrial,
} from '../../core/lab-record.ts'
import type { JsonSchema } from '../../core/expectation.ts'
import type { ProgramOptions, ProgramRun } from './program-run.ts'
import type { LabPart } from './telling.ts'

/** An experiment of the texts: one file of experiments/lab/labs/, its id the file's name. */
export interface Lab {
  readonly id: string
  /** Its place in the teaching order, from 1. */
  readonly number: number
  readonly title: string
  /** Chapter and section of the text that the experiment is from. */
  readonly source: string
  /** What the reader is asked, in a sentence. */
  readonly question: string
  readonly asks: readonly LabAsk[]
  /** The belief that it ends. */
  readonly misconception: string
  /** The claims on which the end of that belief rests: those of them that it makes. */
  readonly endedBy: readonly string[]
  /** What is measured, by key. */
  readonly figures: Readonly<Record<string, LabFigureFacts>>
  /** The one thing that a reader may change; null for none. */
  readonly change: LabChange | null
  /** How long, and how often each case is repeated, where a case says nothing else. */
  readonly extent: { readonly quick: LabExtent; readonly full: LabExtent }
  /** True where nothing that it claims depends on time, so that other programs on the cores do not matter. */
  readonly isTimeless?: true
  /** Claims that do not depend on time, by their ids, in a lab where others do. */
  readonly timelessClaims?: readonly string[]
  /**
   * The files that it runs, with those of the functions that it measures, in the order in which to read them; seen from
   * experiments/lab/programs/.
   */
  readonly programs: readonly string[]
  /** Parts beside Python that are missing here, so that cases are left out. */
  lacks?(): readonly LabLack[] | Promise<readonly LabLack[]>
  /** What is run, those cases left out for which a part is missing; Python's are left out by the frame. */
  cases(setting: LabSetting): readonly LabCase[]
  /** What happened, by the key of the question; null where it could not be measured. */
  outcomes(evidence: LabEvidence): Readonly<Record<string, string | number | null>>
  /** Whether what the texts say is so here: a pure function of the figures, which may come out false. */
  claims(evidence: LabEvidence): readonly LabClaim[]
  /** What it shows, part by part, with the figures in it; says nothing that was not measured. */
  explain(evidence: LabEvidence): readonly LabPart[]
  pictures(evidence: LabEvidence): readonly LabPicture[]
  /** Where the same thing matters for servers, and the command that shows it. */
  readonly servers: { readonly text: string; readonly line: string }
}

/** One thing that the reader predicts. */
export type LabAsk = LabAskFacts &
  (
    | { readonly kind: 'choice'; readonly choices: readonly string[] }
    | {
        readonly kind: 'number'
        readonly unit: string
        /** A prediction counts as right up to this factor too high or too low. */
        readonly within: number
      }
  )

interface LabAskFacts {
  readonly id: string
  readonly label: string
  /** What is asked, without a question mark, where the label alone does not say it. */
  readonly asked?: string
  /** The claims about the same fact: while one of them is undecided, nothing is said of the prediction. */
  readonly claims: readonly string[]
}

/** One thing that a reader may change, typed as `--set name=value`. */
export interface LabChange {
  readonly name: string
  readonly help: string
  /** Of an integer, a number or one of several words. */
  readonly schema: JsonSchema
  readonly default: string | number
  /** A value worth trying. */
  readonly example: string | number
}

/** How long a lab takes. */
export interface LabExtent {
  readonly repeats: number
  /** Seconds that all of it takes, about. */
  readonly expectedS: number
}

/** How a lab is run. */
export interface LabSetting {
  readonly quick: boolean
  /** What the reader changed or the default; `''` where the lab has nothing to change. */
  readonly change: string | number
  /** Cores that this process may use. */
  readonly cores: number
  /** What is missing beside Python, as {@link Lab.lacks} said. */
  readonly lacks: readonly LabLack[]
}

/** One program, server or API that is measured. */
export interface LabCase extends LabCaseFacts {
  /** How often it is repeated, where not as often as the others. */
  readonly repeats?: number
  /** Runs it once. Throws a ForkwiseError where it cannot be measured: the trial is kept as failed, the run goes on. */
  measure(context: LabContext): Promise<LabMeasurement>
}

/** What one repetition gave. */
export interface LabMeasurement {
  /** By the keys of {@link Lab.figures}. */
  readonly figures: Readonly<Record<string, number>>
  /** What was seen, in a word each. */
  readonly words?: Readonly<Record<string, string>>
  /** What pictures are made from; at most some thousand. */
  readonly events?: readonly LabEvent[]
}

/** What a case may use. */
export interface LabContext extends LabSetting {
  /** From 1. */
  readonly repeat: number
  /** Of this repetition of this case. */
  readonly seed: number
  readonly signal: AbortSignal
  /** For labs that start servers: what it starts is ended with the run. */
  readonly session: Session
  /**
   * Runs a program of experiments/lab/programs/ to its end; `.ts` in this Node, `.py` in the system's python3. What other
   * programs do meanwhile is watched.
   */
  readonly run: (program: string, argument: object, options?: ProgramOptions) => Promise<ProgramRun>
  /** Does a piece of the measuring, and watches what other programs do meanwhile. */
  readonly watch: <T>(measure: () => Promise<T>) => Promise<T>
  /** Does something once in each repetition for all cases that ask for it by the same name, and gives them what it gave. */
  readonly share: <T>(name: string, measure: () => Promise<T>) => Promise<T>
}

/** Everything that was measured. */
export interface LabEvidence {
  readonly manifest: LabManifest
  readonly figures: LabFigures
  readonly trials: readonly LabTrial[]
}
