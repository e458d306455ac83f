import { describe, expect, it } from 'vitest'
import { selectTemplates, unknownTemplate } from './select.ts'

const TEMPLATES = 'inject.istio.io/templates'
const choice = {
  defaultTemplates: ['sidecar'],
  aliases: new Map([
    ['both', ['sidecar', 'grpc']],
    ['deep', ['both']],
  ]),
}

describe('the templates of a Pod', () => {
  it.each([
    [{}, ['sidecar']],
    [{ [TEMPLATES]: 'gateway' }, ['gateway']],
    [{ [TEMPLATES]: ' sidecar , spire ' }, ['sidecar', 'spire']],
    [{ [TEMPLATES]: 'sidecar,sidecar' }, ['sidecar', 'sidecar']],
    [{ [TEMPLATES]: 'both' }, ['sidecar', 'grpc']],
    [{ [TEMPLATES]: 'deep' }, ['both']],
    [{ [TEMPLATES]: '' }, ['']],
    [{ [TEMPLATES]: '__proto__' }, ['__proto__']],
  ])('%j selects %j', (annotations, expected) => {
    expect(selectTemplates(annotations, choice)).toEqual(expected)
  })

  it('that are not there are named in Istio’s words, with the nearest one', () => {
    expect(unknownTemplate('sidcar', ['sidecar', 'gateway'], ['both'], { [TEMPLATES]: 'sidcar' })).toMatchObject({
      code: 'UnknownTemplate',
      message: 'requested template "sidcar" not found; have gateway, sidecar',
      hint: 'did you mean "sidecar"?',
      path: `metadata.annotations["${TEMPLATES}"]`,
    })
    expect(unknownTemplate('', ['sidecar'], [], {})).toMatchObject({
      path: 'config.templates',
      hint: 'name a template of the injector’s configuration',
    })
  })
})
