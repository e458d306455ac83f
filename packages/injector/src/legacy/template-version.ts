import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'

/** By what Istio 1.8 names a template in `sidecar.istio.io/status`: the SHA-256 of its text, in hex. */
export function templateVersion(templateText: string): string {
  return bytesToHex(sha256(utf8ToBytes(templateText)))
}
