import { timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { TLSSocket } from 'node:tls'
import { ApiError } from '../api/status.ts'
import type { ApiUser } from '../api/types.ts'
import type { Store } from '../store/store.ts'
import { checkToken } from './service-accounts.ts'
import { DEFAULT_AUDIENCE, type TokenSigner } from './token.ts'

export interface Credentials {
  readonly store: Store
  readonly tokens: TokenSigner
  /** A bearer token of an administrator. */
  readonly adminToken: string
  readonly now: () => number
}

export const ANONYMOUS: ApiUser = { username: 'system:anonymous', groups: ['system:unauthenticated'] }
const AUTHENTICATED = 'system:authenticated'

/** Who sends a request: by client certificate, then by bearer token; nobody otherwise. A wrong token is refused. */
export function authenticate(request: IncomingMessage, credentials: Credentials): ApiUser {
  const certified = certificateUser(request)
  if (certified !== undefined) return certified
  const header = request.headers.authorization
  if (header === undefined || !/^bearer /i.test(header)) return ANONYMOUS
  const user = tokenUser(header.slice('bearer '.length).trim(), credentials)
  if (user === undefined) throw unauthorized()
  return user
}

export function unauthorized(): ApiError {
  return new ApiError(401, 'Unauthorized', 'Unauthorized')
}

/** The common name is the user, organizations are its groups. */
function certificateUser({ socket }: IncomingMessage): ApiUser | undefined {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined
  const { subject } = socket.getPeerCertificate()
  if (subject === undefined || typeof subject.CN !== 'string') return undefined
  const organizations: unknown = subject.O
  const groups = Array.isArray(organizations)
    ? organizations.map(String)
    : typeof organizations === 'string'
      ? [organizations]
      : []
  return { username: subject.CN, groups: [...new Set([...groups, AUTHENTICATED])] }
}

function tokenUser(token: string, { store, tokens, adminToken, now }: Credentials): ApiUser | undefined {
  if (sameText(token, adminToken)) return { username: 'kubernetes-admin', groups: ['system:masters', AUTHENTICATED] }
  const verdict = checkToken(tokens, store, token, [DEFAULT_AUDIENCE], now())
  return 'user' in verdict ? verdict.user : undefined
}

function sameText(left: string, right: string): boolean {
  const [one, other] = [Buffer.from(left), Buffer.from(right)]
  return one.length === other.length && timingSafeEqual(one, other)
}
