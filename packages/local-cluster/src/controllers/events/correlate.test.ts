import { describe, expect, it } from 'vitest'
import { manualClock, timestamp } from '../clock.ts'
import { createCorrelator } from './correlate.ts'

const event = { object: 'default/web', type: 'Warning', reason: 'FailedCreate', message: 'Error creating: no' }

describe('events that repeat', () => {
  it('are one event that counts up and keeps its first time', () => {
    const clock = manualClock('2026-01-01T00:00:00Z')
    const correlator = createCorrelator(timestamp)
    correlator.correlate(event, 'web.1', clock.now())
    clock.advance(5_000)
    const again = correlator.correlate(event, 'web.2', clock.now())
    expect(again).toEqual({
      kind: 'write',
      name: 'web.1',
      count: 2,
      message: event.message,
      firstTimestamp: '2026-01-01T00:00:00Z',
    })
  })

  it('are put together from the tenth text on, when all but the text is the same', () => {
    const clock = manualClock('2026-01-01T00:00:00Z')
    const correlator = createCorrelator(timestamp)
    const texts = Array.from({ length: 11 }, (_, index) => `Created pod: web-${index}`)
    const results = texts.map((message, index) =>
      correlator.correlate({ ...event, message }, `web.${index}`, clock.now()),
    )
    expect(results[8]).toMatchObject({ name: 'web.8', count: 1, message: 'Created pod: web-8' })
    expect(results[9]).toMatchObject({
      name: 'web.9',
      count: 1,
      message: '(combined from similar events): Created pod: web-9',
    })
    expect(results[10]).toMatchObject({
      name: 'web.9',
      count: 2,
      message: '(combined from similar events): Created pod: web-10',
    })
  })

  it('are dropped after 25 at once for one object, and let through again with time', () => {
    const clock = manualClock('2026-01-01T00:00:00Z')
    const correlator = createCorrelator(timestamp)
    const say = () => correlator.correlate(event, 'web.1', clock.now()).kind
    expect(Array.from({ length: 26 }, say)).toEqual([...Array(25).fill('write'), 'dropped'])
    clock.advance(300_000)
    expect(say()).toBe('write')
    expect(say()).toBe('dropped')
  })
})
