import { createPrivateKey, type KeyObject, randomBytes, X509Certificate } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SecureContextOptions } from 'node:tls'
import { ForkwiseError, messageOf } from '../core/errors.ts'
import { issueCertificate, makeAuthority } from './certificate.ts'

/** Which end of a connection an identity is for. */
export type Role = 'controller' | 'agent'

/** How long the certificates of a campaign are good for. */
const VALID_DAYS = 365

const NAMES: Readonly<Record<Role, string>> = { controller: 'forkwise controller', agent: 'forkwise agent' }

/** What a host proves with that it belongs to a campaign, and whom it believes. */
export interface Identity {
  readonly role: Role
  /** Name of the campaign, which its authority was made for. */
  readonly campaign: string
  readonly expires: Date
  /** Certificate, key and the one authority that is believed, for TLS 1.3 alone. */
  readonly tls: SecureContextOptions
}

/**
 * Makes a campaign: an authority, and one identity each for the controller and for its agents, `controller.pem` and
 * `agent.pem` in a folder. The authority's key is forgotten at once, so that nobody can ever make a third. Gives the paths;
 * throws FOLDER_UNWRITABLE, and USAGE where the folder has a campaign already.
 */
export function makeCampaign(dir: string): { readonly campaign: string } & Readonly<Record<Role, string>> {
  const campaign = randomBytes(4).toString('hex')
  const authority = makeAuthority({ name: 'forkwise authority', organization: campaign }, VALID_DAYS)
  const files = { controller: join(dir, 'controller.pem'), agent: join(dir, 'agent.pem') }
  const taken = Object.values(files).find((file) => existsSync(file))
  if (taken !== undefined) {
    throw new ForkwiseError('USAGE', {
      message: `Expected a folder without a campaign, got ${dir}, which has ${taken}.`,
      hint: 'Name another folder, or remove the files when no agent uses them any more.',
    })
  }
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 })
    for (const role of ['controller', 'agent'] as const) {
      const subject = { name: NAMES[role], organization: campaign }
      const { certificatePem, key } = issueCertificate(
        subject,
        role === 'agent' ? 'server' : 'client',
        VALID_DAYS,
        authority,
      )
      const keyPem = key.export({ type: 'pkcs8', format: 'pem' }) as string
      writeFileSync(files[role], `${certificatePem}${keyPem}${authority.certificatePem}`, { mode: 0o600, flag: 'wx' })
    }
  } catch (thrown) {
    throw new ForkwiseError('FOLDER_UNWRITABLE', {
      message: `Expected to be able to write a campaign to ${dir}, got: ${messageOf(thrown)}.`,
    })
  }
  return { campaign, ...files }
}

/** Reads an identity that {@link makeCampaign} made; throws USAGE when it is none, is for the other role, or has run out. */
export function readIdentity(file: string, role: Role): Identity {
  const refuse = (got: string, hint: string): ForkwiseError =>
    new ForkwiseError('USAGE', {
      message: `Expected an identity for the ${role} of a campaign, got ${file}: ${got}.`,
      hint,
    })
  const makeOne = 'Make a campaign with `forkwise agent init DIR`: it writes controller.pem and agent.pem.'
  const { certificate, authority, key } = parse(file, (got) => refuse(got, makeOne))
  const campaign = attribute(certificate, 'O')
  const isSound =
    certificate.checkPrivateKey(key) && authority.ca && certificate.verify(authority.publicKey) && campaign !== ''
  if (!isSound) throw refuse('its key, certificate and authority do not belong together', makeOne)
  if (attribute(certificate, 'CN') !== NAMES[role]) {
    const other: Role = role === 'agent' ? 'controller' : 'agent'
    throw refuse(`it is for its ${other}`, `Name ${role}.pem of the same folder.`)
  }
  const expires = new Date(certificate.validTo)
  if (expires.getTime() < Date.now()) {
    throw refuse(
      `it was good until ${expires.toISOString().slice(0, 10)}`,
      'Make a new campaign with `forkwise agent init DIR`.',
    )
  }
  const tls = {
    cert: certificate.toString(),
    key: key.export({ type: 'pkcs8', format: 'pem' }),
    ca: authority.toString(),
    minVersion: 'TLSv1.3',
  } as const
  return { role, campaign, expires, tls }
}

/** Why a certificate at the other end is not the one of this role in this campaign; null when it is. */
export function mismatchOf(
  subject: { readonly CN?: unknown; readonly O?: unknown },
  role: Role,
  campaign: string,
): string | null {
  if (subject.O !== campaign) return 'its certificate is of another campaign'
  return subject.CN === NAMES[role] ? null : `its certificate is not for a ${role}`
}

function parse(
  file: string,
  refuse: (got: string) => ForkwiseError,
): { readonly certificate: X509Certificate; readonly authority: X509Certificate; readonly key: KeyObject } {
  try {
    const text = readFileSync(file, 'utf8')
    const blocks = text.match(/-----BEGIN ([A-Z ]+)-----[^-]+-----END \1-----/g) ?? []
    const [certificate = '', key = '', authority = ''] = blocks
    return {
      certificate: new X509Certificate(certificate),
      key: createPrivateKey(key),
      authority: new X509Certificate(authority),
    }
  } catch (thrown) {
    throw refuse(messageOf(thrown))
  }
}

/** One part of whom a certificate names; empty where it has none. */
function attribute({ subject }: X509Certificate, name: string): string {
  return (
    subject
      .split('\n')
      .find((line) => line.startsWith(`${name}=`))
      ?.slice(name.length + 1) ?? ''
  )
}
