import { createHash, createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import {
  bitString,
  explicit,
  integer,
  objectIdentifier,
  octetString,
  sequence,
  setOf,
  utcTime,
  utf8String,
  yes,
} from './der.ts'

/** Object identifiers of RFC 5280 and RFC 8410. */
const OID = {
  ed25519: '1.3.101.112',
  commonName: '2.5.4.3',
  organization: '2.5.4.10',
  subjectKey: '2.5.29.14',
  keyUsage: '2.5.29.15',
  basicConstraints: '2.5.29.19',
  authorityKey: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
} as const

/** Clocks of two machines may differ by a day without a certificate being refused as one of the future. */
const BACKDATED_MS = 24 * 3600_000

/** A certificate with its private key. */
export interface Certified {
  readonly certificatePem: string
  readonly key: KeyObject
  /** Common name and organization of its holder. */
  readonly subject: Subject
}

/** Whom a certificate names. */
export interface Subject {
  readonly name: string
  readonly organization: string
}

/** What a certificate may be used for: to sign others, or at one end of a connection. */
type Use = 'authority' | 'server' | 'client'

/** Makes a certificate authority with an Ed25519 key. */
export function makeAuthority(subject: Subject, days: number): Certified {
  return issue(subject, 'authority', days, null)
}

/**
 * Makes a certificate for one end of a TLS connection, signed by an authority. A `server` certificate is no use to a client
 * and the other way round (extended key usage).
 */
export function issueCertificate(
  subject: Subject,
  use: Exclude<Use, 'authority'>,
  days: number,
  by: Certified,
): Certified {
  return issue(subject, use, days, by)
}

/** An X.509 v3 certificate (RFC 5280, section 4.1); signed with its own key where `by` is null. */
function issue(subject: Subject, use: Use, days: number, by: Certified | null): Certified {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const issuer = by ?? { key: privateKey, subject }
  const nowMs = Date.now()
  const algorithm = sequence(objectIdentifier(OID.ed25519))
  const unsigned = sequence(
    explicit(0, integer(Uint8Array.of(2))),
    integer(randomBytes(16)),
    algorithm,
    nameOf(issuer.subject),
    sequence(utcTime(new Date(nowMs - BACKDATED_MS)), utcTime(new Date(nowMs + days * 24 * 3600_000))),
    nameOf(subject),
    spkiOf(publicKey),
    explicit(3, sequence(...extensionsOf(use, publicKey, issuer.key))),
  )
  const der = sequence(unsigned, algorithm, bitString(sign(null, unsigned, issuer.key)))
  return { certificatePem: pemOf(der), key: privateKey, subject }
}

function nameOf({ name, organization }: Subject): Buffer {
  const attribute = (oid: string, text: string): Buffer => setOf(sequence(objectIdentifier(oid), utf8String(text)))
  return sequence(attribute(OID.organization, organization), attribute(OID.commonName, name))
}

function extensionsOf(use: Use, publicKey: KeyObject, issuerKey: KeyObject): readonly Buffer[] {
  const critical = (oid: string, value: Buffer): Buffer => sequence(objectIdentifier(oid), yes(), octetString(value))
  const plain = (oid: string, value: Buffer): Buffer => sequence(objectIdentifier(oid), octetString(value))
  const keys = [
    plain(OID.subjectKey, octetString(keyIdentifier(publicKey))),
    plain(OID.authorityKey, sequence(implicitKeyIdentifier(issuerKey))),
  ]
  if (use === 'authority') {
    // May sign certificates, but no further authorities.
    const constraints = sequence(yes(), integer(Uint8Array.of(0)))
    return [
      critical(OID.basicConstraints, constraints),
      critical(OID.keyUsage, bitString(Uint8Array.of(0x04), 2)),
      ...keys,
    ]
  }
  const purpose = objectIdentifier(use === 'server' ? OID.serverAuth : OID.clientAuth)
  return [
    critical(OID.basicConstraints, sequence()),
    critical(OID.keyUsage, bitString(Uint8Array.of(0x80), 7)),
    critical(OID.extendedKeyUsage, sequence(purpose)),
    ...keys,
  ]
}

/** SHA-1 of the public key's bits, as RFC 5280 (4.2.1.2) proposes: a name, no protection. */
function keyIdentifier(key: KeyObject): Buffer {
  return createHash('sha1').update(spkiOf(key).subarray(-32)).digest()
}

function implicitKeyIdentifier(issuerKey: KeyObject): Buffer {
  const identifier = keyIdentifier(issuerKey)
  return Buffer.concat([Buffer.from([0x80, identifier.length]), identifier])
}

/** The public half of a key as SubjectPublicKeyInfo; Ed25519 has its 32 bytes at the end. */
function spkiOf(key: KeyObject): Buffer {
  return (key.type === 'private' ? createPublicKey(key) : key).export({ type: 'spki', format: 'der' })
}

function pemOf(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? []
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n')
}
