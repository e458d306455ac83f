import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import type { Finding } from '../finding.ts'
import { objectKey } from '../run/order.ts'

/**
 * The same for the same problem of the same object, whatever the values are at the moment, so that tools follow it from run
 * to run. A check that finds two things at one object tells them apart by where their evidence stands.
 */
export function findingFingerprint({ id, object, revision = '', evidence }: Finding): string {
  const paths = evidence.map(({ object: other, path }) => `${other === undefined ? '' : objectKey(other)} ${path}`)
  return bytesToHex(sha256(utf8ToBytes([id, objectKey(object), revision, ...paths].join('\n'))))
}
