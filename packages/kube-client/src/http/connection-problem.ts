import { ConnectionError, KubeConfigError, StatusError } from '../errors.ts'

/** What Node.js and OpenSSL say, and what it means for somebody who wants to reach a cluster. */
const MEANINGS: readonly (readonly [RegExp, string])[] = [
  [/^ECONNREFUSED$/, 'nothing listens there; is the cluster running, and is this the right context?'],
  [/^(ENOTFOUND|EAI_AGAIN)$/, 'the name cannot be resolved; look at the server of the kubeconfig, DNS and VPN'],
  [/^(ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)$/, 'the address does not answer; look at VPN, firewall and proxy'],
  [/^(ECONNRESET|EPIPE|ECONNABORTED)$/, 'the connection broke off'],
  [
    /^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT(_LOCALLY)?|CERT_SIGNATURE_FAILURE)$/,
    'the server’s certificate is not signed by certificate-authority of the kubeconfig; was the cluster made anew, or is a proxy between?',
  ],
  [/^CERT_HAS_EXPIRED$/, 'the server’s certificate has expired'],
  [/^CERT_NOT_YET_VALID$/, 'the server’s certificate is not valid yet; is the clock right?'],
  [
    /^ERR_TLS_CERT_ALTNAME_INVALID$/,
    'the server’s certificate is for other names; use one of them, or tls-server-name in the kubeconfig',
  ],
  [
    /^(ERR_SSL_WRONG_VERSION_NUMBER|ERR_SSL_PACKET_LENGTH_TOO_LONG|EPROTO)$/,
    'it does not speak TLS; is it http, or a proxy?',
  ],
  [
    /^ERR_SSL_.*(CERTIFICATE_REQUIRED|ALERT_.*)$/,
    'the server does not accept the client certificate of the kubeconfig',
  ],
  [/^ERR_OSSL_X509_KEY_VALUES_MISMATCH$/, 'client-certificate and client-key of the kubeconfig do not belong together'],
]

/** @param server address of the API server; nothing of the request gets into the message: it may be a Secret */
export function connectionProblem(server: string, cause: unknown): ConnectionError | StatusError | KubeConfigError {
  if (cause instanceof ConnectionError || cause instanceof StatusError || cause instanceof KubeConfigError) return cause
  const code = codeOf(cause)
  const meaning = MEANINGS.find(([pattern]) => pattern.test(code))?.[1]
  const message = cause instanceof Error ? cause.message : String(cause)
  const said = message === '' ? code : message
  return new ConnectionError(
    `cannot reach the API server ${server}: ${said}${meaning === undefined ? '' : ` (${meaning})`}`,
    { cause },
  )
}

export function codeOf(cause: unknown): string {
  const code = (cause as { code?: unknown } | undefined)?.code
  if (typeof code === 'string') return code
  // Several addresses of a name were tried.
  const errors = (cause as { errors?: unknown } | undefined)?.errors
  return Array.isArray(errors) && errors.length > 0 ? codeOf(errors[0]) : ''
}
