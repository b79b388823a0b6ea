import { formatDuration, formatRate } from '../../core/quantities.ts'
import { NOTHING } from '../figures.ts'
import type { Confirmation } from '../../store/capacity-findings.ts'

/** What a real run said of a planned server, in one sentence. */
export function confirmationSentence({ model, workers, ratePerS, latency, met, missed, faults }: Confirmation): string {
  const found = latency
    .map(
      ({ name, measuredS, predictedS }) =>
        `${name} ${measuredS === null ? NOTHING : formatDuration(measuredS)} (predicted ${formatDuration(predictedS)})`,
    )
    .join(', ')
  const doubt = faults.length === 0 ? '' : ` Not to be trusted: ${faults.join('; ')}.`
  return `A real run of ${model} with ${workers} worker${workers === 1 ? '' : 's'} at ${formatRate(ratePerS)} ${met ? 'met it' : `missed it (${missed.join('; ')})`}: ${found}.${doubt}`
}
