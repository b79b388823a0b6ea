/** Tags of the ASN.1 types that certificates are made of (ITU-T X.690). */
const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  utf8String: 0x0c,
  utcTime: 0x17,
  sequence: 0x30,
  set: 0x31,
  context: 0xa0,
} as const

/** A value with its tag and length, as DER has it. */
function tagged(tag: number, ...content: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(content)
  return Buffer.concat([Buffer.from([tag, ...lengthOf(body.length)]), body])
}

/** Up to 127 in one byte; more as the number of bytes, then the bytes. */
function lengthOf(length: number): readonly number[] {
  return length < 0x80 ? [length] : [0x80 | bytesOf(length).length, ...bytesOf(length)]
}

function bytesOf(value: number): readonly number[] {
  return value < 0x100 ? [value] : [...bytesOf(Math.floor(value / 0x100)), value % 0x100]
}

/** DER of a SEQUENCE. */
export function sequence(...parts: readonly Uint8Array[]): Buffer {
  return tagged(TAG.sequence, ...parts)
}

/** DER of a SET of one. */
export function setOf(part: Uint8Array): Buffer {
  return tagged(TAG.set, part)
}

/** DER of a value with an explicit context tag. */
export function explicit(number: number, part: Uint8Array): Buffer {
  return tagged(TAG.context | number, part)
}

/** DER of an INTEGER that is not negative, from its bytes, highest first. */
export function integer(bytes: Uint8Array): Buffer {
  const start = bytes.findIndex((byte) => byte !== 0)
  const significant = start === -1 ? Uint8Array.of(0) : bytes.subarray(start)
  return tagged(TAG.integer, ...((significant[0] ?? 0) >= 0x80 ? [Uint8Array.of(0)] : []), significant)
}

/** DER of TRUE. */
export function yes(): Buffer {
  return tagged(TAG.boolean, Uint8Array.of(0xff))
}

/** DER of a BIT STRING; `unused` bits at the end do not count. */
export function bitString(bytes: Uint8Array, unused: number = 0): Buffer {
  return tagged(TAG.bitString, Uint8Array.of(unused), bytes)
}

/** DER of an OCTET STRING. */
export function octetString(bytes: Uint8Array): Buffer {
  return tagged(TAG.octetString, bytes)
}

/** DER of a UTF8String. */
export function utf8String(text: string): Buffer {
  return tagged(TAG.utf8String, Buffer.from(text))
}

/** DER of a UTCTime, to the second: for dates before 2050. */
export function utcTime(at: Date): Buffer {
  return tagged(
    TAG.utcTime,
    Buffer.from(
      at
        .toISOString()
        .slice(2)
        .replaceAll(/[-:T]|\.\d+/g, ''),
    ),
  )
}

/** DER of an OBJECT IDENTIFIER, written with dots. */
export function objectIdentifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  return tagged(TAG.objectIdentifier, Buffer.from([first * 40 + second, ...rest].flatMap(base128)))
}

/** Seven bits a byte, with the highest bit set in all but the last. */
function base128(value: number): readonly number[] {
  const high = (rest: number): readonly number[] => (rest === 0 ? [] : [...high(rest >> 7), 0x80 | (rest & 0x7f)])
  return [...high(value >> 7), value & 0x7f]
}
