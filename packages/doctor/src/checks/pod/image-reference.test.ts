import { expect, it } from 'vitest'
import { minorOf, readImage } from './image-reference.ts'

it.each([
  ['istio/proxyv2:1.24.0', 'istio/proxyv2', '1.24.0', undefined],
  ['registry:5000/istio/proxyv2', 'registry:5000/istio/proxyv2', undefined, undefined],
  ['registry:5000/proxyv2:1.2@sha256:ab', 'registry:5000/proxyv2', '1.2', 'sha256:ab'],
  ['auto', 'auto', undefined, undefined],
])('%s is taken apart', (text, repository, tag, digest) => {
  expect(readImage(text)).toEqual({ repository, tag, digest })
})

it.each([
  ['1.24.0', 24],
  ['v1.8', 8],
  ['1.30.3-distroless', 30],
  ['1.31-alpha.abc', 31],
  ['latest', undefined],
  ['2.0.1', undefined],
  [undefined, undefined],
])('the release of %s', (tag, minor) => {
  expect(minorOf(tag)).toBe(minor)
})
