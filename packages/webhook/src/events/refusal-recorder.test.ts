import type { JsonObject } from '@proa/kube'
import { afterEach, describe, expect, it } from 'vitest'
import { answer, type ScriptedServer, scriptedServer, statusOf } from '../../../kube-client/testing/scripted-server.ts'
import { logLines } from '../../testing/settling.ts'
import { type RefusalRecorder, refusalRecorder } from './refusal-recorder.ts'

let server: ScriptedServer | undefined
afterEach(async () => {
  await server?.close()
  server = undefined
})

async function start(
  isAllowed = true,
): Promise<{ recorder: RefusalRecorder; events: JsonObject[]; log: ReturnType<typeof logLines> }> {
  const events: JsonObject[] = []
  server = await scriptedServer(({ body }, response) => {
    if (!isAllowed) return answer(response, 403, statusOf(403, 'Forbidden', 'events is forbidden'))
    events.push(JSON.parse(body) as JsonObject)
    answer(response, 201, {})
  })
  const log = logLines()
  const client = await server.client()
  return { recorder: refusalRecorder({ client, component: 'proa-injector', log }), events, log }
}

const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web-1', uid: 'u1' }

describe('a refused Pod', () => {
  it('is told at its controller', async () => {
    const { recorder, events } = await start()
    recorder.record({ namespace: 'shop', pod: 'web-1-', message: 'the annotation is wrong', owner })
    await recorder.settled()
    expect(events).toMatchObject([
      {
        involvedObject: { ...owner, namespace: 'shop' },
        type: 'Warning',
        reason: 'InjectionFailed',
        message: 'Pod web-1- was refused: the annotation is wrong',
      },
    ])
  })

  it('without a controller is told at its Namespace', async () => {
    const { recorder, events } = await start()
    recorder.record({ namespace: 'shop', pod: 'web', message: 'no' })
    await recorder.settled()
    expect(events).toMatchObject([
      { metadata: { namespace: 'shop' }, involvedObject: { kind: 'Namespace', name: 'shop' } },
    ])
  })

  it('is told in one line, since `kubectl get events` shows no more', async () => {
    const { recorder, events } = await start()
    const wrong = (name: string): string => `\t* invalid value 'abc' for annotation '${name}'\n`
    recorder.record({ namespace: 'shop', pod: 'web', message: `1 error occurred:\n${wrong('a')}(correct it)` })
    recorder.record({ namespace: 'shop', pod: 'db', message: `2 errors occurred:\n${wrong('a')}${wrong('b')}\n` })
    await recorder.settled()
    expect(events.map((event) => event.message)).toEqual([
      "Pod web was refused: invalid value 'abc' for annotation 'a' (correct it)",
      "Pod db was refused: 2 errors occurred: * invalid value 'abc' for annotation 'a' * invalid value 'abc' for annotation 'b'",
    ])
  })

  it('with a controller whose name cannot be one is told at its Namespace', async () => {
    const { recorder, events } = await start()
    recorder.record({ namespace: 'shop', pod: 'web', message: 'no', owner: { ...owner, name: 'x'.repeat(1_000_000) } })
    await recorder.settled()
    expect(events).toMatchObject([{ involvedObject: { kind: 'Namespace', name: 'shop' } }])
  })

  it('again and again is one Event that is counted', async () => {
    const { recorder, events } = await start()
    for (let times = 0; times < 3; times++) recorder.record({ namespace: 'shop', pod: 'web', message: 'no', owner })
    await recorder.settled()
    expect(events.map(({ count }) => count)).toEqual([1, 2, 3])
  })

  it('that cannot be told is logged once', async () => {
    const { recorder, log } = await start(false)
    for (const pod of ['a', 'b', 'c']) recorder.record({ namespace: 'shop', pod, message: 'no' })
    await recorder.settled()
    expect(log.lines).toEqual([{ level: 'warn', message: 'refusals cannot be told as Events' }])
  })

  it('without a cluster is not told', async () => {
    const log = logLines()
    const recorder = refusalRecorder({ component: 'proa-injector', log })
    recorder.record({ namespace: 'shop', pod: 'web', message: 'no' })
    await recorder.settled()
    expect(log.lines).toEqual([])
  })

  it('in a flood is not told more than a hundred times at once', async () => {
    const { recorder, events } = await start()
    for (let number = 0; number < 500; number++) {
      recorder.record({ namespace: 'shop', pod: 'web', message: 'no', owner: { ...owner, uid: `u${number}` } })
    }
    await recorder.settled()
    expect(events).toHaveLength(100)
  })
})
