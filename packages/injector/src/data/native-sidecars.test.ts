import type { JsonObject } from '@proa/kube'
import { describe, expect, it } from 'vitest'
import { loadConfiguration } from '../config/load.ts'
import { nativeSidecarsFor, readNativeSidecars } from './native-sidecars.ts'

function node(name: string, kubeletVersion: string): JsonObject {
  return { metadata: { name }, status: { nodeInfo: { kubeletVersion } } }
}

const OLD = node('old', 'v1.32.9')
const NEW = node('new', 'v1.33.0')

describe('native sidecars by the nodes of the cluster', () => {
  const auto = (nodes: readonly JsonObject[] | undefined, pod: JsonObject = {}): boolean =>
    nativeSidecarsFor(pod, loadConfiguration({}, { nativeSidecars: 'auto', ...(nodes === undefined ? {} : { nodes }) }))

  it.each([
    ['all nodes understand them', [NEW, NEW], true],
    ['one node does not', [NEW, OLD], false],
    ['a node does not say', [node('odd', 'next')], false],
    ['there are no nodes yet', [], true],
    ['the nodes are not known', undefined, false],
  ] as const)('%s', (_, nodes, expected) => {
    expect(auto(nodes)).toBe(expected)
  })

  it('asks only the node that the Pod is bound to', () => {
    expect(auto([OLD, NEW], { spec: { nodeName: 'new' } })).toBe(true)
    expect(auto([OLD, NEW], { spec: { nodeName: 'old' } })).toBe(false)
    expect(auto([NEW], { spec: { nodeName: 'unknown' } })).toBe(true)
  })

  it('does not ask where the setting is fixed', () => {
    const configuration = loadConfiguration({}, { nativeSidecars: true, nodes: [OLD] })
    expect(nativeSidecarsFor({}, configuration)).toBe(true)
  })
})

describe('ENABLE_NATIVE_SIDECARS', () => {
  it.each([
    [undefined, 'auto', false],
    ['', 'auto', false],
    ['auto', 'auto', false],
    ['true', true, true],
    ['false', false, false],
    ['1', false, true],
    ['yes', false, false],
  ] as const)('%s is %s today, and was %s until 1.26', (text, today, before) => {
    expect(readNativeSidecars(text, 27)).toBe(today)
    expect(readNativeSidecars(text, 26)).toBe(before)
  })

  it('means nothing before 1.19', () => {
    const config = { source: 'config', text: '{"policy":"enabled","template":""}' }
    const old = loadConfiguration({ config }, { compat: '1.18', nativeSidecars: true })
    expect(nativeSidecarsFor({}, old)).toBe(false)
  })
})
