import { wrkProof } from './closed-proof.ts'
import { delayProof } from './delay-proof.ts'
import type { Proof } from './proof.ts'
import { oracleProof, spinProof } from './queue-proof.ts'
import { refusalProof } from './refusal-proof.ts'
import { stallProof } from './stall-proof.ts'

/** Every live proof of the load generator, in the order in which `calibrate` runs them. */
export const LOAD_PROOFS: readonly Proof[] = [delayProof, stallProof, oracleProof, spinProof, wrkProof, refusalProof]
