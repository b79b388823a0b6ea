import { mkdirSync, readFileSync } from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import { ForkwiseError, messageOf } from '../core/errors.ts'
import type { Certificate } from '../core/records.ts'
import { replaceFile } from '../core/replace-file.ts'

/** Folder that calibrations are kept in: `$XDG_STATE_HOME/forkwise`, `~/.local/state/forkwise` by default. */
export function certificateFolder(env: NodeJS.ProcessEnv = process.env): string {
  const state = env['XDG_STATE_HOME'] ?? ''
  return join(state === '' ? join(os.homedir(), '.local', 'state') : state, 'forkwise')
}

/** The certificate of this machine and version, or null when it was not calibrated (or the file cannot be read). */
export function readCertificate(
  machineId: string,
  forkwiseVersion: string,
  folder: string = certificateFolder(),
): Certificate | null {
  try {
    const certificate = JSON.parse(readFileSync(fileOf(machineId, folder), 'utf8')) as Certificate
    const fits = certificate.schema === 'forkwise/certificate@1' && certificate.forkwiseVersion === forkwiseVersion
    return fits ? certificate : null
  } catch {
    return null
  }
}

/** Keeps a certificate for later results; gives its path. Throws FOLDER_UNWRITABLE. */
export function writeCertificate(certificate: Certificate, folder: string = certificateFolder()): string {
  const file = fileOf(certificate.machineId, folder)
  try {
    mkdirSync(folder, { recursive: true })
    replaceFile(file, `${JSON.stringify(certificate, null, 2)}\n`, true)
    return file
  } catch (thrown) {
    throw new ForkwiseError('FOLDER_UNWRITABLE', {
      message: `Expected to be able to keep the certificate in ${folder}, got: ${messageOf(thrown)}.`,
      hint: 'Set `XDG_STATE_HOME` to a folder that can be written.',
    })
  }
}

function fileOf(machineId: string, folder: string): string {
  return join(folder, `certificate-${machineId}.json`)
}
