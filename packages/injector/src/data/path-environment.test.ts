import { describe, expect, it } from 'vitest'
import { environmentFromPath } from './path-environment.ts'

describe('variables in the path of the webhook', () => {
  it.each([
    ['/inject', {}],
    ['/inject/', {}],
    ['', {}],
    ['/inject/cluster/c1', { ISTIO_META_CLUSTER_ID: 'c1' }],
    ['/inject/cluster/c1/net/n1/', { ISTIO_META_CLUSTER_ID: 'c1', ISTIO_META_NETWORK: 'n1' }],
    ['/inject/cluster/c1/net', { ISTIO_META_CLUSTER_ID: 'c1' }],
    ['/inject/my_var/a--slash--b', { MY_VAR: 'a/b' }],
    ['/inject//lost/cluster/c1', { ISTIO_META_CLUSTER_ID: 'c1' }],
    ['/inject/:ENV:cluster=c1:ENV:net=n1', { ISTIO_META_CLUSTER_ID: 'c1', ISTIO_META_NETWORK: 'n1' }],
    ['/inject/:ENV:url=http://a/b?c=d', { URL: 'http://a/b?c=d' }],
    ['/inject/:ENV:empty=:ENV:=x:ENV:nothing', { EMPTY: '' }],
    ['/inject/:ENV:x=a--slash--b', { X: 'a--slash--b' }],
  ])('%s', (path, expected) => {
    expect(Object.fromEntries(environmentFromPath(path, 31))).toEqual(expected)
  })

  it('are read only as pairs until 1.9, and as they are until 1.14', () => {
    expect(Object.fromEntries(environmentFromPath('/inject/:ENV:a=b/c', 9))).toEqual({ ':ENV:A=B': 'c' })
    expect(Object.fromEntries(environmentFromPath('/inject/a/b--slash--c', 14))).toEqual({ A: 'b--slash--c' })
  })
})
