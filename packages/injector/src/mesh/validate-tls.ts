import type { IstioMinor } from './descriptor.ts'
import { itemsOf, textOf } from './message-access.ts'
import { joined, none, type Problems, problem } from './problems.ts'
import type { Message } from './read.ts'

const CONFIG_MAP = 'configmap://'
const CONFIG_MAP_SINCE = 26

/** ClientTLSSettings outside any namespace. */
export function checkClientTls(settings: Message, minor: IstioMinor): Problems {
  const mode = textOf(settings, 'mode')
  const has = (name: string): boolean => textOf(settings, name) !== ''
  const parts: Problems[] = []
  if (textOf(settings, 'credentialName').startsWith(CONFIG_MAP) && minor >= CONFIG_MAP_SINCE) {
    parts.push(problem('invalid configmap:// credentialName: namespace must match the configuration namespace ""'))
  }
  if (minor >= 19) parts.push(checkSkipVerify(settings, mode))
  if ((mode === 'SIMPLE' || mode === 'MUTUAL') && has('credentialName')) {
    const files = has('clientCertificate') || has('caCertificates') || has('privateKey') || has('caCrl')
    const what =
      minor >= 22 ? 'client certificates or CA certificate or CA CRL' : 'client certificates or CA certificate'
    if (files) parts.push(problem(`cannot specify ${what} If credentialName is set`))
    return joined(parts)
  }
  if (mode === 'MUTUAL') {
    if (!has('clientCertificate')) parts.push(problem('client certificate required for mutual tls'))
    if (!has('privateKey')) parts.push(problem('private key required for mutual tls'))
  }
  return joined(parts)
}

function checkSkipVerify(settings: Message, mode: string): Problems {
  if (settings.insecureSkipVerify !== true) return none
  const names = textOf(settings, 'caCertificates') !== '' || itemsOf(settings, 'subjectAltNames').length > 0
  if (mode === 'SIMPLE' && (names || textOf(settings, 'credentialName') !== '')) {
    return problem(
      'cannot specify CaCertificates or CredentialName or SubjectAltNames when InsecureSkipVerify is set true',
    )
  }
  if (mode === 'MUTUAL' && names) {
    return problem('cannot specify CaCertificates or SubjectAltNames when InsecureSkipVerify is set true')
  }
  return none
}
