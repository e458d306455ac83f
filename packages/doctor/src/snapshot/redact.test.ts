import type { Json, JsonObject } from '@proa/kube'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseSnapshot } from './parse.ts'
import { redactObject, redactSnapshot } from './redact.ts'
import { redactText } from './secret-texts.ts'
import type { Snapshot } from './types.ts'

const CERTIFICATE = '-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIUQ==\n-----END CERTIFICATE-----\n'
const KEY = '-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIOZ\n-----END EC PRIVATE KEY-----\n'
const base64 = (text: string): string => Buffer.from(text).toString('base64')

function snapshotOf(objects: readonly JsonObject[], more: Partial<Snapshot> = {}): Snapshot {
  return {
    apiVersion: 'doctor.proa.dev/v1',
    kind: 'Snapshot',
    takenAt: '2026-08-01T00:00:00Z',
    source: { kind: 'cluster', server: 'https://10.0.0.1:6443' },
    objects,
    unread: [],
    probes: [],
    logs: [],
    ...more,
  }
}

const secret = (data: JsonObject): JsonObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'cacerts', namespace: 'istio-system' },
  data,
})

const pod = (container: JsonObject, metadata: JsonObject = {}): JsonObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'shop', ...metadata },
  spec: { containers: [{ name: 'web', ...container }] },
})

describe('redactSnapshot', () => {
  it('keeps the certificates of a Secret, and of their files nothing else', () => {
    const before = secret({
      'root-cert.pem': base64(CERTIFICATE),
      'cert-chain.pem': base64(`# note ${KEY}${CERTIFICATE}${CERTIFICATE}`),
      'ca-key.pem': base64(KEY),
      'tls.crt': base64(KEY),
      token: base64('abc'),
      empty: '',
    })
    expect(redactObject(before).data).toEqual({
      'root-cert.pem': base64(CERTIFICATE),
      'cert-chain.pem': base64(CERTIFICATE + CERTIFICATE),
      'ca-key.pem': base64('redacted'),
      'tls.crt': base64('redacted'),
      token: base64('redacted'),
      empty: '',
    })
  })

  it.each<[string, Json, Json]>([
    ['variables with secret names', { env: [{ name: 'DB_PASSWORD', value: 'hunter2' }] }, 'hunter2'],
    ['headers of probes', { httpHeaders: [{ name: 'Authorization', value: 'letmein99' }] }, 'letmein99'],
    ['the user of a proxy', { env: [{ name: 'HTTPS_PROXY', value: 'http://jo:pw9x@proxy:3128' }] }, 'pw9x'],
    ['arguments', { args: ['--auth-token=s3cr3tvalue'] }, 's3cr3tvalue'],
    ['arguments in two parts', { args: ['--password', 's3cr3tvalue'] }, 's3cr3tvalue'],
    [
      'headers of probes in the variable of the agent',
      {
        env: [
          {
            name: 'ISTIO_KUBE_APP_PROBERS',
            value:
              '{"/app-health/web/readyz":{"httpGet":{"httpHeaders":[{"name":"Authorization","value":"Basic hunter2"}]}}}',
          },
        ],
      },
      'hunter2',
    ],
    [
      'annotations in the variable of the proxy',
      { env: [{ name: 'ISTIO_METAJSON_ANNOTATIONS', value: '{"vault/token":"hunter2"}' }] },
      'hunter2',
    ],
    [
      'properties in options',
      { env: [{ name: 'JAVA_OPTS', value: '-Dssl.keyStorePassword=hunter2 -Xmx1g' }] },
      'hunter2',
    ],
    ['variables in scripts', { command: ['sh', '-c', 'export PGPASSWORD=hunter2; psql'] }, 'hunter2'],
    ['users in scripts', { command: ['sh', '-c', 'curl -s -u me:hunter2 https://x'] }, 'hunter2'],
    [
      'headers in commands',
      { command: ['sh', '-c', 'curl -H "Authorization: Bearer abcdefghijklmnop" x'] },
      'ijklmnop',
    ],
  ])('hides %s', (_, container, hiddenText) => {
    const text = JSON.stringify(redactObject(pod(container as JsonObject)))
    expect(text).toContain('redacted')
    expect(text).not.toContain(hiddenText)
  })

  it('leaves what checks look at as it is', () => {
    const untouched: JsonObject[] = [
      pod({
        image: 'docker-pullable://nginx@sha256:0123',
        env: [
          { name: 'JWT_POLICY', value: 'third-party-jwt' },
          { name: 'NO_PROXY', value: '.svc,10.0.0.0/8' },
          { name: 'HTTPS_PROXY', value: 'http://proxy.corp:3128' },
          { name: 'TOKEN_AUDIENCES', value: 'istio-ca' },
          { name: 'DB_PASSWORD', valueFrom: { secretKeyRef: { name: 'db', key: 'password' } } },
        ],
        args: ['proxy', 'sidecar', '--tokenFile', '/var/run/secrets/tokens/istio-token'],
      }),
      {
        apiVersion: 'admissionregistration.k8s.io/v1',
        kind: 'MutatingWebhookConfiguration',
        metadata: { name: 'istio-sidecar-injector' },
        webhooks: [{ clientConfig: { caBundle: base64(CERTIFICATE), url: 'https://istiod:15017/inject' } }],
      },
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'istio-sidecar-injector-canary', namespace: 'istio-system' },
        data: {
          values: '{"global":{"jwtPolicy":"third-party-jwt","imagePullSecrets":[]}}',
          config: 'serviceAccountToken:\n  audience: istio-ca\n  path: istio-token\npassword: {{ .Values.password }}\n',
        },
      },
    ]
    expect(untouched.map(redactObject)).toEqual(untouched)
  })

  it('takes a private key out of a caBundle, where it would be for everybody to read', () => {
    const bundle = redactObject({
      apiVersion: 'v1',
      kind: 'X',
      metadata: { name: 'x' },
      caBundle: base64(CERTIFICATE + KEY),
    }).caBundle
    expect(Buffer.from(String(bundle), 'base64').toString()).toBe(`${CERTIFICATE}redacted private key\n`)
  })

  it('empties ConfigMaps that are not of a mesh', () => {
    const map = (name: string): JsonObject => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, namespace: 'shop' },
      data: { 'app.conf': 'anything' },
    })
    expect(redactObject(map('settings')).data).toEqual({ 'app.conf': 'redacted' })
    expect(redactObject(map('istio-canary')).data).toEqual({ 'app.conf': 'anything' })
  })

  it('reads what kubectl applied last like the object itself', () => {
    const applied = JSON.stringify(secret({ password: 'hunter2' }))
    const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': applied }
    const text = JSON.stringify(redactObject({ ...secret({}), metadata: { name: 'x', annotations } }))
    expect(text).not.toContain('hunter2')
    expect(text).toContain('cacerts')
  })

  it('leaves messages of failures readable', () => {
    for (const text of [
      'failed calling webhook: x509: certificate signed by unknown authority',
      'invalid bearer token, token: lookup failed',
      'MountVolume.SetUp failed for volume "istio-token": failed to fetch token: serviceaccounts not found',
      'Basic Constraints extension is missing',
      'no password: nothing to do',
      'docker run -u 1000:1000; date -u +%H:%M',
    ]) {
      expect(redactText(text).replace('password: redacted', 'password: nothing')).toBe(text)
    }
  })
})

/** No word of ordinary text looks like it. */
const secretText = fc.stringMatching(/^[A-Za-z0-9]{20,40}$/).map((text) => `zQ${text}9x`)

const planted = (word: string): Snapshot =>
  snapshotOf(
    [
      secret({ token: base64(word), 'tls.key': base64(word), 'ca.crt': base64(`${word}\n${CERTIFICATE}`) }),
      { ...secret({}), stringData: { password: word, 'tls.crt': `${CERTIFICATE}${word}` } },
      pod(
        {
          env: [
            { name: 'API_KEY', value: word },
            { name: 'https_proxy', value: `http://${word}:x@proxy:80` },
            { name: 'URL', value: `postgres://u:${word}@db/x` },
          ],
          args: [`--token=${word}`, '--client-secret', word, `--x=1 password=${word}`],
          livenessProbe: { httpGet: { httpHeaders: [{ name: 'X-Api-Key', value: word }] } },
        },
        { annotations: { 'vault/token': word, note: `Bearer ${word}`, 'proxy.istio.io/config': `TOKEN: ${word}` } },
      ),
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'istio', namespace: 'x' },
        data: {
          mesh: `client-key-data: ${word}\n  token: "${word}"\n  password: '${word}'`,
          json: `{"token":"${word}"}`,
        },
      },
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'other', namespace: 'x' }, data: { any: word } },
    ],
    {
      logs: [
        {
          namespace: 'x',
          pod: 'y',
          container: 'z',
          previous: false,
          tail: `token=${word}\nauthorization: Bearer ${word}\n-----BEGIN PRIVATE KEY-----\n${word}`,
        },
      ],
      unread: [{ apiVersion: 'v1', kind: 'Pod', reason: 'error', message: `https://u:${word}@api/ refused` }],
    },
  )

describe('laws', () => {
  it('no planted secret is left anywhere, plain or encoded', () => {
    fc.assert(
      fc.property(secretText, (word) => {
        const text = JSON.stringify(redactSnapshot(planted(word)))
        expect(text).not.toContain(word)
        for (const encoded of text.match(/[A-Za-z0-9+/=]{24,}/g) ?? []) {
          expect(Buffer.from(encoded, 'base64').toString()).not.toContain(word)
        }
      }),
      { seed: 4, numRuns: 100 },
    )
  })

  it('redacting twice is redacting once, whatever the objects hold', () => {
    const words = fc.constantFrom(
      'token',
      'password: x',
      '--password',
      'Bearer abcdefghijklmnopq',
      'http://a@b',
      KEY,
      'name',
      'value',
    )
    const text = fc.array(fc.oneof(words, fc.string()), { maxLength: 4 }).map((parts) => parts.join(' '))
    const json = fc.letrec((tie) => ({
      value: fc.oneof({ maxDepth: 4 }, text, fc.boolean(), fc.integer(), tie('list'), tie('object')),
      list: fc.array(tie('value'), { maxLength: 4 }),
      object: fc.dictionary(
        fc.oneof(fc.constantFrom('name', 'value', 'data', 'annotations', '__proto__'), text),
        tie('value'),
        {
          maxKeys: 4,
        },
      ),
    })).object
    fc.assert(
      fc.property(json, fc.constantFrom('Secret', 'ConfigMap', 'Pod'), secretText, (object, kind, word) => {
        const made = { ...(object as JsonObject), apiVersion: 'v1', kind, metadata: { name: word } }
        const once = redactSnapshot(snapshotOf([made, ...planted(word).objects]))
        expect(redactSnapshot(once)).toEqual(once)
      }),
      { seed: 4, numRuns: 300 },
    )
  })

  it('a redacted snapshot is read as it was written', () => {
    fc.assert(
      fc.property(secretText, (word) => {
        const redacted = redactSnapshot(planted(word))
        expect(parseSnapshot(JSON.parse(JSON.stringify(redacted)))).toEqual(redacted)
      }),
      { seed: 4, numRuns: 20 },
    )
  })
})
