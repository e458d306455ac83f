import { execFileSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ServingCertificate } from '../src/index.ts'

/** A certificate of openssl that is its own root. `days` can be negative. */
export function selfSigned(name = 'proa-webhook.istio-system.svc'): ServingCertificate {
  const folder = mkdtempSync(join(tmpdir(), 'proa-certificate-'))
  try {
    const file = (one: string): string => join(folder, one)
    execFileSync(
      'openssl',
      [
        ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '30'],
        ...['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name},DNS:localhost,IP:127.0.0.1`],
        ...['-keyout', file('key.pem'), '-out', file('cert.pem')],
      ],
      { stdio: 'pipe' },
    )
    const certificate = readFileSync(file('cert.pem'), 'utf8')
    const notAfter = new Date(new X509Certificate(certificate).validTo)
    return {
      certificate,
      privateKey: readFileSync(file('key.pem'), 'utf8'),
      caBundle: certificate,
      notAfter,
      caNotAfter: notAfter,
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

let certificate: ServingCertificate | undefined

/** One for all tests of a file: making one takes a process. */
export function testCertificate(): ServingCertificate {
  certificate ??= selfSigned()
  return certificate
}
