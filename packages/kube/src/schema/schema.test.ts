import { describe, expect, it } from 'vitest'
import { listKey, podListKey } from './list-key.ts'
import { POD_SCHEMA } from './pod-schema.gen.ts'
import { goTypeName, KUBERNETES_VERSION, structSchema } from './schema.ts'

describe('structSchema', () => {
  it('knows every field of a struct in Go order, under both names', () => {
    const container = structSchema('v1.Container')
    expect(container.name).toBe('v1.Container')
    expect(container.fields.slice(0, 5).map((field) => field.json)).toEqual([
      'name',
      'image',
      'command',
      'args',
      'workingDir',
    ])
    expect(structSchema('v1.PodStatus').byGo('PodIP')?.json).toBe('podIP')
    expect(structSchema('v1.ProbeHandler').byJson('httpGet')?.go).toBe('HTTPGet')
    expect(container.byJson('constructor')).toBeUndefined()
  })

  it('knows pointers and omitempty', () => {
    const { byJson } = structSchema('v1.SecurityContext')
    expect(byJson('runAsUser')).toMatchObject({ pointer: true, omitEmpty: true, type: { kind: 'int64' } })
    expect(structSchema('v1.EnvVar').byJson('name')).toMatchObject({ pointer: false, omitEmpty: false })
    expect(structSchema('v1.ObjectMeta').byJson('creationTimestamp')?.omitZero).toBe(true)
  })

  it('promotes the fields of embedded structs', () => {
    const volume = structSchema('v1.Volume')
    expect(volume.members).toContainEqual({ embedded: 'v1.VolumeSource' })
    expect(volume.byJson('emptyDir')?.type).toEqual({ kind: 'struct', struct: 'v1.EmptyDirVolumeSource' })
    expect(structSchema('v1.Pod').fields.map((field) => field.json)).toEqual([
      'kind',
      'apiVersion',
      'metadata',
      'spec',
      'status',
    ])
  })

  it('spells types as Go does', () => {
    const typeOf = (struct: string, field: string): string => {
      const found = structSchema(struct).byJson(field)
      return found === undefined ? '' : goTypeName(found.type)
    }
    expect(typeOf('v1.PodSpec', 'containers')).toBe('[]v1.Container')
    expect(typeOf('v1.ObjectMeta', 'annotations')).toBe('map[string]string')
    expect(typeOf('v1.ObjectMeta', 'uid')).toBe('types.UID')
    expect(typeOf('v1.ResourceRequirements', 'limits')).toBe('v1.ResourceList')
    expect(typeOf('v1.Container', 'imagePullPolicy')).toBe('v1.PullPolicy')
    expect(typeOf('v1.Capabilities', 'add')).toBe('[]v1.Capability')
    expect(typeOf('v1.HTTPGetAction', 'port')).toBe('intstr.IntOrString')
  })

  it('has every struct that it refers to, and stays small', () => {
    const names = POD_SCHEMA.trim()
      .split('\n')
      .map((line) => `v1.${line.split(' ', 1)[0]}`)
    expect(names.length).toBeGreaterThan(100)
    expect(new Set(names).size).toBe(names.length)
    for (const name of names) expect(() => structSchema(name)).not.toThrow()
    expect(POD_SCHEMA.length).toBeLessThan(60_000)
    expect(KUBERNETES_VERSION).toMatch(/^1\.\d+\.\d+$/)
    expect(() => structSchema('v1.Nothing')).toThrow('no struct v1.Nothing')
  })
})

describe('podListKey', () => {
  it.each([
    ['spec.containers', 'name'],
    ['spec.initContainers', 'name'],
    ['spec.ephemeralContainers', 'name'],
    ['spec.volumes', 'name'],
    ['spec.imagePullSecrets', 'name'],
    ['spec.containers.0.env', 'name'],
    ['spec.containers.0.ports', 'containerPort'],
    ['spec.containers.0.volumeMounts', 'mountPath'],
    ['spec.containers.0.volumeDevices', 'devicePath'],
    ['spec.hostAliases', 'ip'],
    ['spec.topologySpreadConstraints', 'topologyKey'],
    ['metadata.ownerReferences', 'uid'],
    ['spec.resourceClaims', 'name'],
    ['spec.schedulingGates', 'name'],
    ['spec.ephemeralContainers.0.env', 'name'],
    ['spec.containers.0.args', undefined],
    ['spec.containers.0.envFrom', undefined],
    ['spec.tolerations', undefined],
    ['metadata.finalizers', undefined],
    ['spec.containers.0', undefined],
    ['spec.unknown.list', undefined],
    ['metadata.annotations.x', undefined],
  ])('%s is keyed by %s', (path, key) => {
    expect(podListKey(path.split('.').map((step) => (/^\d+$/.test(step) ? Number(step) : step)))).toBe(key)
  })

  it('works from any struct', () => {
    expect(listKey('v1.Container', ['env'])).toBe('name')
  })
})
