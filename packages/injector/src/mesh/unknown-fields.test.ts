import { expect, it } from 'vitest'
import { unknownProxyConfigFields } from './unknown-fields.ts'

it.each([
  ['holdApplicationUntilProxyStart: true', [['holdApplicationUntilProxyStart', 'holdApplicationUntilProxyStarts']]],
  ['{"tracing": {"samplng": 5}}', [['tracing.samplng', 'sampling']]],
  ['proxyMetadata: {ANYTHING: "1"}\nconcurrency: 2\nhold_application_until_proxy_starts: true', []],
  ['whatever: 1', [['whatever', undefined]]],
  ['- a list', []],
  ['{broken', []],
])('%s', (text, expected) => {
  expect(unknownProxyConfigFields(text, 30).map(({ path, suggestion }) => [path, suggestion])).toEqual(expected)
})

it('knows the fields of each release', () => {
  const text = 'privateKeyProvider: {cryptomb: {pollDelay: 10ms}}'
  expect(unknownProxyConfigFields(text, 8).map(({ path }) => path)).toEqual(['privateKeyProvider'])
  expect(unknownProxyConfigFields(text, 24)).toEqual([])
})
