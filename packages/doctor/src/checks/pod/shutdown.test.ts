import { expect, it } from 'vitest'
import { secondsOf } from './proxy-config.ts'
import { preStopSeconds } from './shutdown.ts'

const exec = (...command: readonly string[]) => ({ exec: { command: [...command] } })

it.each([
  [{ sleep: { seconds: 12 } }, 12],
  [exec('sleep', '5'), 5],
  [exec('/bin/sleep', '15s'), 15],
  [exec('sh', '-c', 'sleep 20 && /app/drain && sleep 1m'), 80],
  [exec('/bin/sh', '-c', '/bin/sleep 2.5; nginx -s quit'), 2.5],
  // Nobody knows how often, or whether at all.
  [exec('sh', '-c', 'while /busy; do sleep 1; done'), undefined],
  [exec('sh', '-c', 'sleep $(cat /seconds)'), undefined],
  [exec('sh', '-c', 'test -e /fast || sleep 30'), undefined],
  [exec('sh', '-c', 'echo sleep well'), undefined],
  [{ httpGet: { path: '/stop', port: 80 } }, undefined],
  [undefined, undefined],
  [{ exec: 'sleep 5' }, undefined],
])('%j waits %s s', (handler, seconds) => {
  expect(preStopSeconds(handler)).toBe(seconds)
})

it.each([
  ['45s', 45],
  ['1m30s', 90],
  ['1.5h', 5400],
  ['500ms', 0.5],
  ['', undefined],
  ['5', undefined],
  ['five', undefined],
])('the duration %s is %s s', (text, seconds) => {
  expect(secondsOf(text)).toBe(seconds)
})
