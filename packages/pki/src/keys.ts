import { createPrivateKey, type KeyObject } from 'node:crypto'
import { PkiError } from './pki-error.ts'

/** Kinds of keys that are created here. ECDSA P-256 unless something old has to read it. */
export type KeyAlgorithm = 'ecdsa-p256' | 'ecdsa-p384' | 'rsa-2048' | 'rsa-4096'

/** The two classes of WebCrypto's algorithms that certificates are signed with here. */
export type SigningAlgorithm =
  | { readonly name: 'ECDSA'; readonly namedCurve: string; readonly hash: string }
  | { readonly name: 'RSASSA-PKCS1-v1_5'; readonly hash: string }

const EXPONENT = new Uint8Array([1, 0, 1])

function rsa(modulusLength: number) {
  return { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', modulusLength, publicExponent: EXPONENT } as const
}

const ALGORITHMS = {
  'ecdsa-p256': { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
  'ecdsa-p384': { name: 'ECDSA', namedCurve: 'P-384', hash: 'SHA-384' },
  'rsa-2048': rsa(2048),
  'rsa-4096': rsa(4096),
} as const

/** WebCrypto's key: named by what makes it, because its type has another name under Node than in a browser. */
export type SigningKey = Awaited<ReturnType<typeof crypto.subtle.importKey>>

export interface KeyPair {
  readonly publicKey: SigningKey
  readonly privateKey: SigningKey
  readonly algorithm: SigningAlgorithm
}

export async function createKeyPair(algorithm: KeyAlgorithm = 'ecdsa-p256'): Promise<KeyPair> {
  const chosen = ALGORITHMS[algorithm]
  const pair = (await crypto.subtle.generateKey(chosen, true, ['sign', 'verify'])) as Omit<KeyPair, 'algorithm'>
  return { ...pair, algorithm: chosen }
}

/** PKCS#8, PEM. */
export async function privateKeyPem(key: SigningKey): Promise<string> {
  const der = Buffer.from(await crypto.subtle.exportKey('pkcs8', key)).toString('base64')
  const lines = der.match(/.{1,64}/g) ?? []
  return ['-----BEGIN PRIVATE KEY-----', ...lines, '-----END PRIVATE KEY-----', ''].join('\n')
}

/** @throws PkiError `bad-key`; the message never shows the key */
export function readPrivateKey(pem: string, what = 'the private key'): KeyObject {
  if (!pem.includes('-----BEGIN')) throw new PkiError('not-pem', `${what} is not PEM: there is no "-----BEGIN" line`)
  try {
    return createPrivateKey(pem)
  } catch {
    throw new PkiError(
      'bad-key',
      `${what} cannot be read: it is cut off, encrypted, or of an unknown kind (wanted: an unencrypted PKCS#8, EC or RSA key)`,
    )
  }
}

/** A private key for WebCrypto, and what it signs with. */
export async function importSigningKey(
  pem: string,
  what: string,
): Promise<{ readonly key: SigningKey; readonly algorithm: SigningAlgorithm }> {
  const read = readPrivateKey(pem, what)
  const algorithm = signingAlgorithm(read, what)
  const der = read.export({ type: 'pkcs8', format: 'der' })
  return { key: await crypto.subtle.importKey('pkcs8', der, algorithm, false, ['sign']), algorithm }
}

function signingAlgorithm(key: KeyObject, what: string): SigningAlgorithm {
  if (key.asymmetricKeyType === 'rsa') return { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
  const curve = key.asymmetricKeyDetails?.namedCurve
  if (curve === 'prime256v1') return ALGORITHMS['ecdsa-p256']
  if (curve === 'secp384r1') return ALGORITHMS['ecdsa-p384']
  throw new PkiError('bad-key', `${what} is of a kind that cannot sign here: ${curve ?? key.asymmetricKeyType}`)
}
