import { describe, expect, it } from 'vitest'
import { resolveEnvironment } from './environment.ts'

const pod = {
  metadata: { name: 'web-1', namespace: 'shop', uid: 'u', labels: { app: 'web' }, annotations: { note: 'n' } },
  spec: { serviceAccountName: 'buyer', nodeName: 'local', containers: [] },
}
const facts = { podIP: '10.244.0.2', hostIP: '172.18.0.2' }
const sources = {
  configMap: (name: string) => (name === 'settings' ? { kind: 'ConfigMap', data: { a: '1', b: '2' } } : undefined),
  secret: (name: string) =>
    name === 'keys' ? { kind: 'Secret', data: { password: Buffer.from('s3cret').toString('base64') } } : undefined,
}
const resolve = (container: import('@proa/kube').JsonObject) => resolveEnvironment(pod, container, sources, facts)

describe('the environment of a container', () => {
  it('has values, fields of the Pod, and entries of ConfigMaps and Secrets', () => {
    const field = (fieldPath: string) => ({ valueFrom: { fieldRef: { fieldPath } } })
    const env = [
      { name: 'PLAIN', value: 'x' },
      { name: 'EMPTY' },
      { name: 'NAME', ...field('metadata.name') },
      { name: 'APP', ...field("metadata.labels['app']") },
      { name: 'IP', ...field('status.podIP') },
      { name: 'ACCOUNT', ...field('spec.serviceAccountName') },
      { name: 'A', valueFrom: { configMapKeyRef: { name: 'settings', key: 'a' } } },
      { name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'keys', key: 'password' } } },
      { name: 'LEFT_OUT', valueFrom: { secretKeyRef: { name: 'none', key: 'k', optional: true } } },
    ]
    expect(resolve({ env })).toEqual({
      PLAIN: 'x',
      EMPTY: '',
      NAME: 'web-1',
      APP: 'web',
      IP: '10.244.0.2',
      ACCOUNT: 'buyer',
      A: '1',
      PASSWORD: 's3cret',
    })
  })

  it('takes whole ConfigMaps first, and lets single entries win', () => {
    const envFrom = [{ configMapRef: { name: 'settings' }, prefix: 'S_' }, { configMapRef: { name: 'settings' } }]
    expect(resolve({ envFrom, env: [{ name: 'a', value: 'mine' }] })).toEqual({ S_a: '1', S_b: '2', a: 'mine', b: '2' })
  })

  it('expands $(NAME) with what came before, and leaves the rest', () => {
    const env = [
      { name: 'A', value: 'x$(B)' },
      { name: 'B', value: 'y$(A)' },
      { name: 'C', value: '$$(A) $(NOBODY) $A' },
    ]
    expect(resolve({ env })).toEqual({ A: 'x$(B)', B: 'yx$(B)', C: '$(A) $(NOBODY) $A' })
  })

  it.each([
    [{ limits: { cpu: '1500m' } }, { resource: 'limits.cpu' }, '2'],
    [{ limits: { cpu: '1500m' } }, { resource: 'limits.cpu', divisor: '1m' }, '1500'],
    [{ requests: { memory: '1Gi' } }, { resource: 'requests.memory', divisor: '1Mi' }, '1024'],
    [{}, { resource: 'limits.cpu' }, '0'],
  ])('says resources %j asked by %j as %s', (resources, resourceFieldRef, expected) => {
    expect(resolve({ resources, env: [{ name: 'R', valueFrom: { resourceFieldRef } }] })).toEqual({ R: expected })
  })

  it.each([
    [{ configMapKeyRef: { name: 'none', key: 'a' } }, 'configmap "none" not found'],
    [{ secretKeyRef: { name: 'none', key: 'a' } }, 'secret "none" not found'],
    [{ configMapKeyRef: { name: 'settings', key: 'z' } }, "couldn't find key z in ConfigMap shop/settings"],
  ])('says in the words of the kubelet what is missing: %j', (valueFrom, message) => {
    expect(() => resolve({ env: [{ name: 'X', valueFrom }] })).toThrow(message)
  })
})
