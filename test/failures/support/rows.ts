import type { JsonObject } from '@proa/kube'
import { serverCertificate } from '../../../packages/local-cluster/testing/admission/certificates.ts'
import {
  type Built,
  FAILURES,
  type FailureWorld,
  type Failure as Way,
} from '../../../packages/local-cluster/testing/admission/failures.ts'
import { jsonPatch, webhookServer } from '../../../packages/local-cluster/testing/admission/webhook-server.ts'

/** A way in which the path from the API server to a webhook is broken, and what the API server says of it. */
export interface FailureRow {
  readonly name: string
  build(world: FailureWorld): Promise<Built>
  /**
   * Its words, behind "Internal error occurred: ". `{call}`: what it says before the problem of a call, `{post}`: the same with
   * the address it called.
   */
  readonly says: string
  /** failurePolicy Ignore lets the Pod through. What the API server finds only after the call it never ignores. */
  readonly ignorable: boolean
}

const CALL = 'failed calling webhook "hook.proa.test": failed to call webhook: '
const INVALID = 'failed calling webhook "hook.proa.test": received invalid webhook response: '

function known(name: string): Way['build'] {
  const found = FAILURES.find((one) => one.name === name)
  if (found === undefined) throw new Error(`there is no failure "${name}"`)
  return found.build
}

function answering(content: JsonObject): Way['build'] {
  return async (world) => {
    const names = [`hook.${world.namespace}.svc`]
    const certificate = await serverCertificate(world.ca, { commonName: 'hook', dns: names })
    return { server: await webhookServer(certificate, ({ answer }) => answer(content)) }
  }
}

const row = (name: string, says: string, build = known(name), ignorable = true): FailureRow => ({
  name,
  says,
  build,
  ignorable,
})
const never = (name: string, says: string, build = known(name)): FailureRow => row(name, says, build, false)

const UNTRUSTED = '{post}tls: failed to verify certificate: x509: certificate signed by unknown authority'
const WRONG_DATE =
  '{post}tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time '

/** Trust: the bundle and the certificate. */
const TRUST: readonly FailureRow[] = [
  row('no bundle: the roots of the system', UNTRUSTED),
  row('a bundle of another authority', UNTRUSTED, known('a certificate of another authority')),
  row(
    'a bundle of an authority with the same name and another key',
    `${UNTRUSTED} (possibly because of "x509: ECDSA verification failure" while trying to verify candidate authority certificate "proa test authority")`,
    known('a certificate of an authority with the same name and another key'),
  ),
  row('an expired authority in the bundle', `${WRONG_DATE}{now} is after 2026-01-02T03:04:05Z`),
  row('an expired certificate', `${WRONG_DATE}{now} is after 2026-01-02T03:04:05Z`),
  row('a certificate that is not valid yet', `${WRONG_DATE}{now} is before 2040-01-02T03:04:05Z`),
  row(
    'a certificate for other names',
    '{post}tls: failed to verify certificate: x509: certificate is valid for a.example, *.b.example, not hook.{namespace}.svc',
  ),
  row(
    'a certificate with the name as Common Name only',
    '{post}tls: failed to verify certificate: x509: certificate relies on legacy Common Name field, use SANs instead',
  ),
]

/** The way: Service, endpoints, port. */
const WAY: readonly FailureRow[] = [
  row('a service that does not exist', '{post}service "hook" not found'),
  row('a service without endpoints', '{post}no endpoints available for service "hook"'),
  row('endpoints that are not ready', '{post}no endpoints available for service "hook"'),
  row(
    'a port that the service does not have',
    `${CALL}Post "https://hook.{namespace}.svc:8443/inject?timeout=10s": no service port 8443 found for service "hook"`,
  ),
  row('nothing listens', '{post}dial tcp {host}:{port}: connect: connection refused'),
  row(
    'a URL with a name that does not exist',
    `${CALL}Post "https://nobody.invalid/inject?timeout=10s": dial tcp: lookup nobody.invalid{on}: no such host`,
  ),
  row('plain HTTP', '{post}http: server gave HTTP response to HTTPS client'),
  row('the connection is closed at once', '{post}EOF'),
]

/** The answer. */
const ANSWER: readonly FailureRow[] = [
  row(
    'no answer in time',
    `${CALL}Post "https://hook.{namespace}.svc:443/inject?timeout=1s": context deadline exceeded`,
  ),
  row(
    'no handshake in time',
    `${CALL}Post "https://hook.{namespace}.svc:443/inject?timeout=1s": context deadline exceeded`,
  ),
  row('the connection is closed instead of an answer', '{post}EOF'),
  row(
    'the answer breaks off',
    `${CALL}unexpected error when reading response body. Please retry. Original error: unexpected EOF`,
  ),
  row('status 500', `${CALL}an error on the server ("<own words>") has prevented the request from succeeding`),
  row('status 404', `${CALL}the server could not find the requested resource`),
  row(
    'answered with half an object',
    `${CALL}couldn't get version/kind; json parse error: unexpected end of JSON input`,
  ),
  row('answered with null', `${INVALID}webhook response was absent`),
  row('answered with another uid', `${INVALID}expected response.uid="{uid}", got "other"`),
  row(
    'answered with v1beta1 instead of v1',
    `${CALL}converting (v1beta1.AdmissionReview) to (v1.AdmissionReview): unknown conversion`,
  ),
  row('answered with patch without type', `${INVALID}webhook returned response.patch but not response.patchType`),
  row(
    'answered with a patch that is no JSON',
    'failed calling webhook "hook.proa.test": received undecodable patch in webhook response: invalid character \'h\' looking for beginning of value',
  ),
  never(
    'answered with a patch that removes what is not there',
    "error in remove for path: '/metadata/nothing': Unable to remove nonexistent key: nothing: missing value",
  ),
  never(
    'answered with a patch that makes a wrong type',
    'json: cannot unmarshal string into Go struct field ObjectMeta.metadata.labels of type map[string]string',
  ),
  never(
    'answered with a patch that makes the Pod invalid',
    'Pod "web" is invalid: spec.containers[0].image: Required value',
    answering(jsonPatch({ op: 'remove', path: '/spec/containers/0/image' })),
  ),
  // Twice, because the API server gives the new container its token, finds the Pod changed by that, and calls the webhook again.
  never(
    'answered with a patch that adds a container of a name that is taken',
    'Pod "web" is invalid: [spec.containers[1].name: Duplicate value: "app", spec.containers[2].name: Duplicate value: "app"]',
    answering(jsonPatch({ op: 'add', path: '/spec/containers/-', value: { name: 'app', image: 'a' } })),
  ),
]

export const ROWS: readonly FailureRow[] = [...TRUST, ...WAY, ...ANSWER]

/** The words of a row in the world that it was built in, as {@link general} shows them. */
export function expectedWords({ says }: FailureRow): string {
  const text = says.replace('{post}', `${CALL}Post "https://hook.{namespace}.svc:443/inject?timeout=10s": `)
  return text.startsWith('Pod ') ? text : `Internal error occurred: ${text}`
}

/** A message without what differs from run to run. */
export function general(text: string, place: { namespace: string; host: string; port: number }): string {
  return text
    .replaceAll(`${place.host}:${place.port}`, '{host}:{port}')
    .replaceAll(`.${place.namespace}.svc`, '.{namespace}.svc')
    .replace(/current time [\dT:Z-]+/, 'current time {now}')
    .replace(/lookup nobody\.invalid( on [\d.:]+)?:/, 'lookup nobody.invalid{on}:')
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22,}/g, '{uid}')
}
