import { expect, it } from 'vitest'
import { templateVersion } from './template-version.ts'

it('a template is named by the SHA-256 of its text', () => {
  expect(templateVersion('')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
  expect(templateVersion('ü')).toBe('607474ca475a9724d7360aba71a56d5df77e61350e3f724cfa1f46e857e2d85f')
})
