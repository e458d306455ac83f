import { metaText } from '../api/metadata.ts'
import type { ApiUser } from '../api/types.ts'
import type { Store } from '../store/store.ts'
import type { TokenClaims, TokenSigner } from './token.ts'

/** Who a token is, or why it is nobody. */
export type TokenVerdict =
  | { readonly user: ApiUser; readonly audiences: readonly string[] }
  | { readonly problem: string }

/** Checks a ServiceAccount token: signature, time, audience, and that what it is bound to is still there. */
export function checkToken(
  signer: TokenSigner,
  store: Store,
  token: string,
  audiences: readonly string[],
  now: number,
): TokenVerdict {
  const claims = signer.read(token)
  if (claims === undefined) return { problem: 'invalid bearer token' }
  if (now >= claims.expires * 1000) return { problem: 'invalid bearer token, service account token has expired' }
  const shared = claims.audiences.filter((one) => audiences.includes(one))
  if (shared.length === 0) {
    return {
      problem: `invalid bearer token, token audiences ${JSON.stringify(claims.audiences)} is invalid for the target audiences ${JSON.stringify(audiences)}`,
    }
  }
  const problem = bindingProblem(store, claims)
  return problem === undefined
    ? { user: userOf(claims), audiences: shared }
    : { problem: `invalid bearer token, ${problem}` }
}

function bindingProblem(store: Store, claims: TokenClaims): string | undefined {
  const { namespace, serviceAccount, pod, secret } = claims
  const uidOf = (bucket: string, space: string, name: string): string | undefined => {
    const found = store.get({ bucket, namespace: space, name })
    return found === undefined ? undefined : metaText(found, 'uid')
  }
  if (uidOf('serviceaccounts', namespace, serviceAccount.name) !== serviceAccount.uid)
    return 'service account token has been invalidated'
  if (pod !== undefined && uidOf('pods', namespace, pod.name) !== pod.uid)
    return 'service account token has been invalidated'
  if (secret !== undefined && uidOf('secrets', namespace, secret.name) !== secret.uid)
    return 'service account token has been invalidated'
  return undefined
}

export function userOf(claims: TokenClaims): ApiUser {
  const { namespace, serviceAccount, pod, node, id } = claims
  return {
    username: `system:serviceaccount:${namespace}:${serviceAccount.name}`,
    uid: serviceAccount.uid,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
    extra: {
      'authentication.kubernetes.io/credential-id': [`JTI=${id}`],
      ...(node === undefined
        ? {}
        : {
            'authentication.kubernetes.io/node-name': [node.name],
            'authentication.kubernetes.io/node-uid': [node.uid],
          }),
      ...(pod === undefined
        ? {}
        : { 'authentication.kubernetes.io/pod-name': [pod.name], 'authentication.kubernetes.io/pod-uid': [pod.uid] }),
    },
  }
}
