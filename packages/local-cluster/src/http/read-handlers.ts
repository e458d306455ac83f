import { getObject, listDocument, listObjects } from '../api/read.ts'
import { getSubresource } from '../api/subresources.ts'
import { openWatch, type WatchedEvent } from '../api/watch.ts'
import { sendObject } from './answer.ts'
import { showList, showObject } from './presentation.ts'
import { listQuery, watchQuery, watchTimeout } from './query.ts'
import type { Exchange } from './resource-handler.ts'
import { streamWatch, type Watched } from './watch-stream.ts'

export function get({ serving, call, shown, response }: Exchange): void {
  const object = call.subresource === '' ? getObject(serving.backend, call) : getSubresource(serving.backend, call)
  sendObject(response, 200, showObject(shown, object), shown.format)
}

export function list({ serving, call, shown, query, response }: Exchange): void {
  const listed = listObjects(serving.backend, call, listQuery(query))
  sendObject(
    response,
    200,
    showList(shown, listed, () => listDocument(call, listed)),
    shown.format,
  )
}

export async function watch({ serving, call, shown, query, response }: Exchange): Promise<void> {
  const { backend } = serving
  const wanted = watchQuery(query)
  let first = true
  const show = (event: WatchedEvent): Watched => {
    if (event.type === 'ERROR' || event.type === 'BOOKMARK') return { type: event.type, object: event.object }
    const object = showObject(shown, event.object)
    const headless = !first && shown.format.as === 'Table'
    first = false
    // Columns are said once.
    return { type: event.type, object: headless ? { ...object, columnDefinitions: null } : object }
  }
  await streamWatch(response, {
    store: backend.store,
    cursor: openWatch(backend, call, wanted),
    show,
    bookmarks: wanted.bookmarks,
    timeout: watchTimeout(query, backend.random()),
    bookmarkEvery: serving.bookmarkEvery,
    signal: serving.signal,
  })
}
