import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RICH_CATALOGUE, RICH_REPORT } from '../../testing/rich-report.ts'
import { type JunitOptions, renderReportJunit } from './junit.ts'
import { xmlAttributes, xmlText } from './xml.ts'

const junit = (options: JunitOptions = {}) => renderReportJunit(RICH_REPORT, { catalogue: RICH_CATALOGUE, ...options })

/** Characters of XML 1.0, section 2.2. */
const writable = /^[\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u
const TAG = /<(\/?)([\w-]+)((?: [\w-]+="[^"<]*")*)(\/?)>|<\?xml[^>]*\?>/g

/** What is wrong with the nesting, the characters, or text that looks like markup. */
function problemsOf(xml: string): readonly string[] {
  const open: string[] = []
  const problems = writable.test(xml) ? [] : ['a character that XML has not']
  for (const [, closing, name = '', , empty] of xml.matchAll(TAG)) {
    if (name === '' || empty === '/') continue
    if (closing !== '/') open.push(name)
    else if (open.pop() !== name) problems.push(`</${name}> closes something else`)
  }
  const rest = xml.replace(TAG, '').replaceAll(/&(?:amp|lt|gt|quot|#\d+);/g, '')
  if (/[<&]/.test(rest)) problems.push(`markup in text: ${/.{0,20}[<&].{0,20}/.exec(rest)?.[0]}`)
  return [...problems, ...open]
}

describe('-o junit', () => {
  it('is well-formed XML, whatever the texts are', () => {
    expect(problemsOf(junit())).toEqual([])
    expect(problemsOf(junit({ language: 'zh', strict: true }))).toEqual([])
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const xml = `<a${xmlAttributes({ b: text })}>${xmlText(text)}</a>`
        expect(problemsOf(xml)).toEqual([])
      }),
      { seed: 4, numRuns: 500 },
    )
  })

  it('writes control characters and halves of characters so that they are seen', () => {
    expect(xmlText('a\0\x1b[2J\ud800\uffff')).toBe('a\\x00\\x1b[2J\ufffd\\uffff')
    expect(xmlAttributes({ message: 'one\n"two"' })).toBe(' message="one&#10;&quot;two&quot;"')
  })

  it('counts tests by category: errors fail, warnings only when strict, what was not evaluated is skipped', () => {
    const head = (xml: string) => /<testsuites [^>]*>/.exec(xml)?.[0]
    expect(head(junit())).toBe('<testsuites name="proa doctor" tests="6" failures="1" errors="0" skipped="2">')
    expect(head(junit({ strict: true }))).toBe(
      '<testsuites name="proa doctor" tests="6" failures="3" errors="0" skipped="2">',
    )
    expect(junit()).toContain('<skipped message="no permission to read: Pod"/>')
    expect(junit()).toContain('message="MutatingWebhookConfiguration istio-sidecar-injector: The caBundle')
    expect(junit({ strict: true })).toContain(
      '<failure type="warn" message="Deployment shop/a: Deployment shop/a: 0/2 … and 7 more">',
    )
  })
})
