import { describe, expect, it } from 'vitest'
import { HEALTHY, loadFixture } from '../../../testing/fixture.ts'
import { clusterOf } from '../../cluster/cluster.ts'
import { renderedOf } from '../../subjects/rendered.ts'
import { findSubject, type Subject } from '../../subjects/subjects.ts'
import { sourceOfField } from './field-source.ts'

const cluster = clusterOf(loadFixture(HEALTHY))
const cart = findSubject(cluster, 'Deployment', 'shop', 'cart') as Subject
const source = (field: string) => {
  const result = renderedOf(cluster, cart)
  if (result === undefined) throw new Error('cart is injected in healthy.yaml')
  const found = sourceOfField(result, field)
  return found === undefined ? undefined : [found.kind, found.path, found.kind === 'written' ? found.writer.en : '']
}

describe('who wrote a field that Kubernetes refuses', () => {
  it('is the line of the template that wrote it, or the nearest one above', () => {
    expect(source('spec.containers[1].image')).toEqual([
      'written',
      'spec.containers[istio-proxy].image',
      'template sidecar, line 22',
    ])
    expect(source('spec.containers[1].resources.limits[cpu]')?.[1]).toBe(
      'spec.containers[istio-proxy].resources.limits.cpu',
    )
  })

  it('is found where a required field is missing: what is around it was written', () => {
    expect(source('spec.volumes[0].hostPath.path')?.[1]).toBe('spec.volumes[istio-envoy]')
  })

  it('is the workload itself where injection left the field alone', () => {
    expect(source('spec.containers[0].image')).toEqual(['own', 'spec.containers[cart].image', ''])
  })

  it('is nobody for a field that is not there', () => {
    expect(source('spec')).toBeUndefined()
    expect(source('nothing.here[3]')).toBeUndefined()
    expect(source(']]]..[[')).toBeUndefined()
  })
})
