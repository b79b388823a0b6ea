import { X509Certificate } from 'node:crypto'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { issueCertificate, makeAuthority } from '../../agents/certificate.ts'
import { makeCampaign, mismatchOf, readIdentity } from '../../agents/identity.ts'
import { testCampaign } from './campaign.ts'

const campaign = testCampaign()
const other = testCampaign()
afterAll(() => {
  campaign.remove()
  other.remove()
})

function blocks(file: string): string[] {
  return readFileSync(file, 'utf8').match(/-----BEGIN [A-Z ]+-----[^-]+-----END [A-Z ]+-----\n?/g) ?? []
}

test('a campaign is two files that nobody else may read, and no key of the authority', () => {
  for (const role of ['controller', 'agent'] as const) {
    const file = join(campaign.dir, `${role}.pem`)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(blocks(file).map((block) => block.split('\n')[0])).toEqual([
      '-----BEGIN CERTIFICATE-----',
      '-----BEGIN PRIVATE KEY-----',
      '-----BEGIN CERTIFICATE-----',
    ])
  }
  expect(campaign.controller.campaign).toBe(campaign.agent.campaign)
  expect(campaign.controller.campaign).not.toBe(other.controller.campaign)
  expect(() => makeCampaign(campaign.dir)).toThrow(/Expected a folder without a campaign/)
})

test('its certificates are X.509 of version 3 that say what they are for', () => {
  const [certificate = '', , authority = ''] = blocks(join(campaign.dir, 'agent.pem'))
  const [leaf, root] = [new X509Certificate(certificate), new X509Certificate(authority)]
  expect(root.ca).toBe(true)
  expect(leaf.ca).toBe(false)
  expect(leaf.checkIssued(root)).toBe(true)
  expect(leaf.verify(root.publicKey)).toBe(true)
  expect(leaf.verify(leaf.publicKey)).toBe(false)
  expect(leaf.subject).toBe(`O=${campaign.agent.campaign}\nCN=forkwise agent`)
  expect(leaf.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1'])
  expect(leaf.publicKey.asymmetricKeyType).toBe('ed25519')
  const days = (Date.parse(leaf.validTo) - Date.parse(leaf.validFrom)) / (24 * 3600_000)
  expect(days).toBe(366)
})

test('serial numbers and keys differ', () => {
  const authority = makeAuthority({ name: 'a', organization: 'b' }, 1)
  const certificates = Array.from(
    { length: 20 },
    () =>
      new X509Certificate(issueCertificate({ name: 'c', organization: 'b' }, 'client', 1, authority).certificatePem),
  )
  expect(new Set(certificates.map(({ serialNumber }) => serialNumber)).size).toBe(20)
  expect(new Set(certificates.map(({ fingerprint256 }) => fingerprint256)).size).toBe(20)
})

test.each([
  { what: 'that is for the other role', file: 'agent.pem', problem: /it is for its agent/ },
  { what: 'that is not there', file: 'none.pem', problem: /ENOENT/ },
])('an identity $what is refused', ({ file, problem }) => {
  expect(() => readIdentity(join(campaign.dir, file), 'controller')).toThrow(problem)
})

test('an identity with the key or the authority of another is refused', () => {
  const [certificate = '', key = '', authority = ''] = blocks(join(campaign.dir, 'controller.pem'))
  const [, otherKey = '', otherAuthority = ''] = blocks(join(other.dir, 'controller.pem'))
  const file = join(campaign.dir, 'mixed.pem')
  for (const parts of [
    [certificate, otherKey, authority],
    [certificate, key, otherAuthority],
  ]) {
    writeFileSync(file, parts.join(''))
    expect(() => readIdentity(file, 'controller')).toThrow(/do not belong together/)
  }
})

test('an identity that has run out is refused', () => {
  const authority = makeAuthority({ name: 'authority', organization: 'c0ffee00' }, 1)
  const subject = { name: 'forkwise controller', organization: 'c0ffee00' }
  const { certificatePem, key } = issueCertificate(subject, 'client', -0.5, authority)
  const file = join(campaign.dir, 'old.pem')
  const keyPem = key.export({ type: 'pkcs8', format: 'pem' }) as string
  writeFileSync(file, certificatePem + keyPem + authority.certificatePem)
  expect(() => readIdentity(file, 'controller')).toThrow(/it was good until/)
})

test('who is at the other end is known by campaign and role', () => {
  expect(mismatchOf({ O: 'a', CN: 'forkwise agent' }, 'agent', 'a')).toBeNull()
  expect(mismatchOf({ O: 'b', CN: 'forkwise agent' }, 'agent', 'a')).toMatch(/another campaign/)
  expect(mismatchOf({ O: 'a', CN: 'forkwise agent' }, 'controller', 'a')).toMatch(/not for a controller/)
})
