import type { ServerResponse } from 'node:http'
import { describe, expect, it } from 'vitest'
import { type Script, scriptedServer, statusOf } from '../../testing/scripted-server.ts'
import { type ClientOptions, StatusError, type WatchEvent } from '../index.ts'

const REF = { apiVersion: 'v1', kind: 'Secret', namespace: 'ns', resourceVersion: '7' }

/** The events until the watch ends, and how it ends. */
async function watchAll(script: Script, options?: ClientOptions): Promise<{ events: WatchEvent[]; error: unknown }> {
  const server = await scriptedServer(script)
  const client = await server.client(options)
  const events: WatchEvent[] = []
  let error: unknown
  try {
    for await (const event of client.watch(REF, new AbortController().signal)) events.push(event)
  } catch (caught) {
    error = caught
  }
  await server.close()
  return { events, error }
}

function lines(response: ServerResponse, ...texts: readonly string[]): void {
  response.writeHead(200)
  for (const text of texts) response.write(`${text}\n`)
}

const added = (name: string): string =>
  JSON.stringify({ type: 'ADDED', object: { metadata: { name, resourceVersion: '8' } } })

describe('a watch', () => {
  it('asks for bookmarks and a limited time, and says first that its position was accepted', async () => {
    let asked = ''
    const { events } = await watchAll(({ message }, response) => {
      asked = message.url ?? ''
      lines(response, added('a'), JSON.stringify({ type: 'BOOKMARK', object: { metadata: { resourceVersion: '12' } } }))
      response.end()
    })
    expect(asked).toMatch(
      /^\/api\/v1\/namespaces\/ns\/secrets\?watch=1&allowWatchBookmarks=true&resourceVersion=7&timeoutSeconds=\d+$/,
    )
    expect(events).toEqual([
      { type: 'BOOKMARK', resourceVersion: '7' },
      { type: 'ADDED', object: { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a', resourceVersion: '8' } } },
      { type: 'BOOKMARK', resourceVersion: '12' },
    ])
  })

  it('reads events that the network cut anywhere, also inside a character', async () => {
    const bytes = Buffer.from(`${added('ä€😀')}\n${added('b')}\n`)
    const { events } = await watchAll((_, response) => {
      response.writeHead(200)
      let sent = 0
      const next = (): void => {
        if (sent === bytes.length) response.end()
        else response.write(bytes.subarray(sent, ++sent), next)
      }
      next()
    })
    expect(events.slice(1).map((event) => 'object' in event && event.object.metadata)).toMatchObject([
      { name: 'ä€😀' },
      { name: 'b' },
    ])
  })

  it('says that a line is no event, but not what is in it: it may be a Secret', async () => {
    const { error } = await watchAll((_, response) => {
      lines(response, '{"type":"ADDED","object":{"data":{"password":"c2VjcmV0"}}')
    })
    expect(String(error)).toMatch(/the watch of Secret at https:.* sent a line of 57 characters that is no event/)
    expect(String(error)).not.toContain('c2VjcmV0')
  })

  it('says that it ended in the middle of a line', async () => {
    const { error } = await watchAll((_, response) => {
      response.writeHead(200)
      response.end('{"type":"ADD')
    })
    expect(String(error)).toContain('the stream ended in the middle of a line')
  })

  it('turns an ERROR event into the error that it is', async () => {
    const { error } = await watchAll((_, response) => {
      lines(
        response,
        JSON.stringify({ type: 'ERROR', object: statusOf(410, 'Expired', 'too old resource version: 7 (99)') }),
      )
    })
    expect(error).toBeInstanceOf(StatusError)
    expect(error).toMatchObject({ code: 410, reason: 'Expired' })
  })

  it('is refused like any request', async () => {
    const { error } = await watchAll((_, response) => {
      response.writeHead(403)
      response.end(JSON.stringify(statusOf(403, 'Forbidden', 'no')))
    })
    expect(error).toMatchObject({ code: 403, message: 'no' })
  })

  it('ends when nothing was heard for too long, and lasts as long as something is heard', async () => {
    const { events, error } = await watchAll(
      (_, response) => {
        lines(response, added('a'))
      },
      { watchIdle: 50 },
    )
    expect(events).toHaveLength(2)
    expect(error).toBeUndefined()
  })

  it('ends without an error when it is not wanted any more', async () => {
    const server = await scriptedServer((_, response) => lines(response, added('a')))
    const client = await server.client()
    const stop = new AbortController()
    const events: WatchEvent[] = []
    for await (const event of client.watch(REF, stop.signal)) {
      events.push(event)
      if (event.type === 'ADDED') stop.abort()
    }
    expect(events).toHaveLength(2)
    await server.close()
  })

  it('closes its connection when the reader stops in the middle', async () => {
    const closed = Promise.withResolvers<void>()
    const server = await scriptedServer((_, response) => {
      response.on('close', closed.resolve)
      lines(response, added('a'))
    })
    const client = await server.client()
    for await (const event of client.watch(REF, new AbortController().signal)) if (event.type === 'ADDED') break
    await closed.promise
    await server.close()
  })
})
