import { parser } from '@prometheus-io/lezer-promql'
import type { SyntaxNode } from '@lezer/common'

/** One selection of series in an expression, e.g. `up{job="forkwise"}[30s]`. */
export interface Selector {
  /** Empty when only labels select. */
  readonly metric: string
  readonly matchers: readonly Matcher[]
  /** What stands in square brackets; null for the last value. */
  readonly range: string | null
  /** Function that takes the selection directly; null when none does. */
  readonly function: string | null
}

/** A condition on one label. */
export interface Matcher {
  readonly label: string
  readonly operator: '=' | '!=' | '=~' | '!~'
  readonly value: string
}

/** What an expression consists of, as far as checks want to know. */
export interface Expression {
  /** Text at which it cannot be read, or null when it is well formed. */
  readonly error: string | null
  readonly selectors: readonly Selector[]
  /** Labels in `by`, `without`, `on`, `ignoring`, `group_left` and `group_right`. */
  readonly grouping: readonly string[]
}

/** Reads a PromQL expression whose durations hold no variables. */
export function readPromql(expr: string): Expression {
  const selectors: Selector[] = []
  const grouping: string[] = []
  let error: string | null = null
  parser.parse(expr).iterate({
    enter(node) {
      if (node.type.isError) error ??= expr.slice(node.from, node.from + 30) || 'its end'
      if (node.name === 'VectorSelector') selectors.push(readSelector(expr, node.node))
      if (node.name === 'LabelName' && node.node.parent?.name === 'GroupingLabels') grouping.push(text(expr, node.node))
    },
  })
  return { error, selectors, grouping }
}

function readSelector(expr: string, node: SyntaxNode): Selector {
  const matrix = node.parent?.name === 'MatrixSelector' ? node.parent : null
  const outer = (matrix ?? node).parent
  const call = outer?.name === 'FunctionCallBody' ? outer.parent : null
  const name = call?.name === 'FunctionCall' ? call.getChild('FunctionIdentifier') : null
  const identifier = node.getChild('Identifier')
  return {
    metric: identifier === null ? '' : text(expr, identifier),
    matchers: (node.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? []).map((matcher) =>
      readMatcher(expr, matcher),
    ),
    range: matrix === null ? null : text(expr, matrix).slice(node.to - matrix.from + 1, -1),
    function: name === null ? null : text(expr, name),
  }
}

function readMatcher(expr: string, node: SyntaxNode): Matcher {
  const part = (name: string): string => {
    const child = node.getChild(name)
    return child === null ? '' : text(expr, child)
  }
  return {
    label: part('LabelName'),
    operator: part('MatchOp') as Matcher['operator'],
    value: part('StringLiteral').slice(1, -1),
  }
}

function text(expr: string, node: SyntaxNode): string {
  return expr.slice(node.from, node.to)
}
