import { describe, expect, it } from 'vitest'
import { prometheusPort } from './prometheus-keys.ts'

const MINOR = 31

describe('the spellings of Prometheus annotations', () => {
  it('are all read', () => {
    expect(prometheusPort({ 'prometheus-io/port': '99' }, MINOR)).toBe('99')
  })

  it('give way to the usual one, whatever the order: a Pod that was injected has that one', () => {
    expect(prometheusPort({ 'prometheus.io/port': '15020', 'prometheus-io/port': '99' }, MINOR)).toBe('15020')
    expect(prometheusPort({ 'prometheus-io/port': '99', 'prometheus.io/port': '15020' }, MINOR)).toBe('15020')
  })

  it('are one up to 1.12', () => {
    expect(prometheusPort({ 'prometheus-io/port': '99' }, 12)).toBeUndefined()
  })
})
