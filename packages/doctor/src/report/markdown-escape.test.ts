import { expect, it } from 'vitest'
import { markdownBlock, markdownCode, markdownText } from './markdown-escape.ts'

it('names nobody, refers to no issue and makes no markup', () => {
  expect(markdownText('@ops see #12: *a* <b>\n[c](d) | `e`')).toBe(
    '&#64;ops see \\#12: \\*a\\* &#60;b\\> \\[c\\]\\(d\\) \\| \\`e\\`',
  )
  expect(markdownText('- 1')).toBe('\\- 1')
  expect(markdownText('1. x')).toBe('\\1. x')
})

it('keeps backticks and bars inside code', () => {
  expect(markdownCode('a')).toBe('`a`')
  expect(markdownCode('a ``b` c')).toBe('``` a ``b` c ```')
  expect(markdownCode('a|<b>')).toBe('<code>a&#124;&#60;b&#62;</code>')
  expect(markdownCode('')).toBe('')
})

it('fences a block longer than anything in it', () => {
  expect(markdownBlock('a\n````\nb', 'sh')).toEqual(['`````sh', 'a', '````', 'b', '`````'])
})
