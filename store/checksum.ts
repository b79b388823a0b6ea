import { crc32 } from 'node:zlib'

/** The member in which a file or line carries its checksum, its last one where Forkwise wrote it. */
export const CHECKSUM = 'checksum'

/**
 * What a checksum is made of: the compact JSON of the record without its checksum and without its closing brace. So it
 * survives that somebody indents or sorts nothing but white space. In a file of lines it goes on from that of the line
 * before, so that a line that is missing, doubled or moved is noticed too.
 */
const TAIL = /,"checksum":"(crc32:[0-9a-f]{8})"\}$/

/** Bytes of the tail: `,"checksum":"crc32:00000000"}`. */
const TAIL_BYTES = ',"checksum":"crc32:00000000"}'.length

/** A checksum as it is written. CRC-32 finds accidents and careless edits; it is no signature. */
export function checksumText(value: number): string {
  return `crc32:${value.toString(16).padStart(8, '0')}`
}

/** The checksum of a record (see above) that is given as compact JSON without a checksum; `before`: that of the line before. */
export function checksumOf(json: string | Buffer, before = 0): number {
  const body = typeof json === 'string' ? json.slice(0, -1) : json.subarray(0, -1)
  return crc32(body, before)
}

/** Compact JSON with its checksum as the last member. The record must have a member. */
export function sealedJson(json: string, checksum: number): string {
  return `${json.slice(0, -1)},"${CHECKSUM}":"${checksumText(checksum)}"}`
}

/** A line taken apart: the JSON without the checksum, what the checksum is, and what the line says it is. */
export interface CheckedLine {
  readonly json: string
  readonly computed: number
  /** Null where the line carries none. */
  readonly carried: string | null
}

/** Takes a line apart. */
export function checkedLine(line: Buffer, before: number): CheckedLine {
  const tail = TAIL.exec(line.toString('latin1', Math.max(0, line.length - TAIL_BYTES)))
  if (tail === null) return { json: line.toString('utf8'), computed: checksumOf(line, before), carried: null }
  const bodyBytes = line.length - TAIL_BYTES
  return {
    json: `${line.toString('utf8', 0, bodyBytes)}}`,
    computed: crc32(line.subarray(0, bodyBytes), before),
    carried: tail[1] ?? null,
  }
}

/** A whole file taken apart: its record without the checksum, what the checksum is, and what the file says it is. */
export interface CheckedRecord {
  readonly value: unknown
  readonly computed: string
  /** Null where the file carries none. */
  readonly carried: unknown
}

/** Takes the JSON of a whole file apart; throws SyntaxError, RangeError when it is nested too deeply. */
export function checkedRecord(text: string): CheckedRecord {
  const parsed: unknown = JSON.parse(text)
  const isRecord = typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
  const { [CHECKSUM]: carried = null, ...value } = (isRecord ? parsed : {}) as Record<string, unknown>
  const record = isRecord ? value : parsed
  return { value: record, computed: checksumText(checksumOf(JSON.stringify(record))), carried }
}
