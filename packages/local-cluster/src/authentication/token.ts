import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomUUID,
  sign,
  verify,
} from 'node:crypto'
import { isObject, type Json, type JsonObject } from '@proa/kube'

/** What a ServiceAccount's token says. */
export interface TokenClaims {
  readonly namespace: string
  readonly serviceAccount: { readonly name: string; readonly uid: string }
  readonly pod?: { readonly name: string; readonly uid: string }
  readonly secret?: { readonly name: string; readonly uid: string }
  readonly node?: { readonly name: string; readonly uid: string }
  readonly audiences: readonly string[]
  /** Seconds since 1970. */
  readonly issuedAt: number
  readonly expires: number
  readonly id: string
}

/** Signs and reads ServiceAccount tokens: JSON Web Tokens with ES256. */
export interface TokenSigner {
  readonly issuer: string
  sign(claims: Omit<TokenClaims, 'id'>): string
  /** Undefined when the token is not one of this signer, whatever it is. It may be expired. */
  read(token: string): TokenClaims | undefined
  /** The public keys, as `/openid/v1/jwks` shows them. */
  readonly keys: JsonObject
  /** PEM of the private key, to be kept. */
  readonly privateKey: string
}

export const DEFAULT_AUDIENCE = 'https://kubernetes.default.svc.cluster.local'
/** A token that is longer is none. */
const LONGEST = 16_384

export function createTokenSigner(privateKey?: string): TokenSigner {
  const key =
    privateKey === undefined
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
      : createPrivateKey(privateKey)
  const publicKey = createPublicKey(key)
  const jwk = publicKey.export({ format: 'jwk' })
  const kid = Buffer.from(String(jwk.x)).toString('base64url').slice(0, 43)
  const header = encode({ alg: 'ES256', kid })
  const issuer = DEFAULT_AUDIENCE
  return {
    issuer,
    sign(claims) {
      const signed = `${header}.${encode(payloadOf(issuer, { ...claims, id: randomUUID() }))}`
      return `${signed}.${sign('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`
    },
    read(token) {
      const payload = verified(token, header, publicKey)
      return payload === undefined || payload.iss !== issuer ? undefined : claimsOf(payload)
    },
    keys: { keys: [{ use: 'sig', kty: 'EC', kid, crv: 'P-256', alg: 'ES256', x: String(jwk.x), y: String(jwk.y) }] },
    privateKey: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}

function encode(value: JsonObject): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

function verified(token: string, header: string, key: KeyObject): JsonObject | undefined {
  if (token.length > LONGEST) return undefined
  const [head, body, signature, ...more] = token.split('.')
  // The very header that we write: no other algorithm is ever considered.
  if (head !== header || body === undefined || signature === undefined || more.length > 0) return undefined
  const good = verify(
    'sha256',
    Buffer.from(`${head}.${body}`),
    { key, dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64url'),
  )
  if (!good) return undefined
  const payload = JSON.parse(Buffer.from(body, 'base64url').toString('utf8')) as Json
  return isObject(payload) ? payload : undefined
}

function payloadOf(issuer: string, claims: TokenClaims): JsonObject {
  return {
    aud: claims.audiences,
    exp: claims.expires,
    iat: claims.issuedAt,
    iss: issuer,
    jti: claims.id,
    'kubernetes.io': {
      namespace: claims.namespace,
      ...(claims.node === undefined ? {} : { node: { ...claims.node } }),
      ...(claims.pod === undefined ? {} : { pod: { ...claims.pod } }),
      ...(claims.secret === undefined ? {} : { secret: { ...claims.secret } }),
      serviceaccount: { ...claims.serviceAccount },
    },
    nbf: claims.issuedAt,
    sub: `system:serviceaccount:${claims.namespace}:${claims.serviceAccount.name}`,
  }
}

/** The payload is one that we signed, so its shape is ours. */
function claimsOf(payload: JsonObject): TokenClaims | undefined {
  const own = payload['kubernetes.io']
  if (!isObject(own) || !isObject(own.serviceaccount)) return undefined
  const ref = (value: Json | undefined): { name: string; uid: string } | undefined =>
    isObject(value) ? { name: String(value.name), uid: String(value.uid) } : undefined
  const serviceAccount = ref(own.serviceaccount)
  if (serviceAccount === undefined) return undefined
  const [pod, secret, node] = [ref(own.pod), ref(own.secret), ref(own.node)]
  return {
    namespace: String(own.namespace),
    serviceAccount,
    ...(pod === undefined ? {} : { pod }),
    ...(secret === undefined ? {} : { secret }),
    ...(node === undefined ? {} : { node }),
    audiences: Array.isArray(payload.aud) ? payload.aud.map(String) : [],
    issuedAt: Number(payload.iat),
    expires: Number(payload.exp),
    id: String(payload.jti),
  }
}
