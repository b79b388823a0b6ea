import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Certificate } from '../../core/records.ts'
import { certificateFolder, readCertificate, writeCertificate } from '../../loadtest/certificate.ts'

let folder = ''

beforeEach(() => {
  folder = mkdtempSync(join(os.tmpdir(), 'forkwise-certificate-'))
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

const CERTIFICATE: Certificate = {
  schema: 'forkwise/certificate@1',
  createdAt: '2026-11-20T12:00:00.000Z',
  machineId: 'abc',
  forkwiseVersion: '0.1.0',
  rows: [{ proof: 'p', truth: '1', measured: '1', error: '0', goal: '0', passed: true }],
}

test('a certificate is found again, by machine and version', () => {
  writeCertificate(CERTIFICATE, join(folder, 'new'))
  expect(readCertificate('abc', '0.1.0', join(folder, 'new'))).toEqual(CERTIFICATE)
  expect(readCertificate('other', '0.1.0', join(folder, 'new'))).toBeNull()
  expect(readCertificate('abc', '0.2.0', join(folder, 'new'))).toBeNull()
})

test('a damaged certificate counts as none', () => {
  writeFileSync(join(folder, 'certificate-abc.json'), '{"schema":')
  expect(readCertificate('abc', '0.1.0', folder)).toBeNull()
})

test('a folder that cannot be made is named', () => {
  writeFileSync(join(folder, 'file'), '')
  expect(() => writeCertificate(CERTIFICATE, join(folder, 'file', 'below'))).toThrow(
    /to be able to keep the certificate/,
  )
})

test('the folder follows the XDG rule', () => {
  expect(certificateFolder({ XDG_STATE_HOME: '/state' })).toBe('/state/forkwise')
  expect(certificateFolder({ XDG_STATE_HOME: '' })).toBe(join(os.homedir(), '.local', 'state', 'forkwise'))
})
