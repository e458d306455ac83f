import { randomUUID } from 'node:crypto'
import type { JsonObject } from '@proa/kube'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createTokenSigner } from '../authentication/token.ts'
import { createRbacAuthorizer } from '../authorization/rbac.ts'
import { createRegistry } from '../resources/registry.ts'
import { createStore } from '../store/store.ts'
import type { Backend, Call } from './backend.ts'
import { SYSTEM_USER } from './cluster-api.ts'
import { metadataOf, nameOf } from './metadata.ts'
import { listObjects } from './read.ts'
import { openWatch, type WatchedEvent, type WatchQuery } from './watch.ts'

const TOKENS = createTokenSigner()

function backend(window: number): Backend {
  const store = createStore({ window })
  return {
    store,
    registry: createRegistry(),
    rules: { defaults: (_type, object) => object, validate: () => {} },
    ownership: { track: ({ after }) => after, apply: ({ applied }) => applied },
    admit: async ({ object }) => ({ object, warnings: [], auditAnnotations: {} }),
    tokens: TOKENS,
    authorizer: createRbacAuthorizer(store),
    async *logs() {},
    now: () => 0,
    uid: randomUUID,
    random: () => 0.5,
  }
}

function callOf({ registry }: Backend, namespace = ''): Call {
  const type = registry.byPath('', 'v1', 'configmaps')
  if (type === undefined) throw new Error('configmaps are served')
  return {
    type,
    namespace,
    name: '',
    subresource: '',
    user: SYSTEM_USER,
    dryRun: false,
    fieldManager: '',
    warn: () => {},
  }
}

const QUERY: WatchQuery = {
  labelSelector: '',
  fieldSelector: '',
  resourceVersion: '',
  resourceVersionMatch: '',
  bookmarks: false,
  sendInitialEvents: undefined,
}
const LIST = {
  labelSelector: '',
  fieldSelector: '',
  limit: 0,
  continueToken: '',
  resourceVersion: '',
  resourceVersionMatch: '',
}

interface Step {
  readonly namespace: string
  readonly name: string
  /** The label; undefined deletes. */
  readonly label: string | undefined
}

const step: fc.Arbitrary<Step> = fc.record({
  namespace: fc.constantFrom('one', 'two'),
  name: fc.constantFrom('a', 'b', 'c'),
  label: fc.option(fc.constantFrom('x', 'y'), { nil: undefined, freq: 3 }),
})

function write({ store }: Backend, { namespace, name, label }: Step): void {
  const key = { bucket: 'configmaps', namespace, name }
  if (label === undefined) store.remove(key)
  else store.put(key, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace, name, labels: { label } } })
}

function drain(next: () => readonly WatchedEvent[]): WatchedEvent[] {
  const all: WatchedEvent[] = []
  for (let events = next(); events.length > 0; events = next()) all.push(...events)
  return all
}

const id = (object: JsonObject): string => `${String(metadataOf(object).namespace)}/${nameOf(object)}`

describe('a watch', () => {
  it('turns the list that it goes on from into the newest list, for every selector and at every pace', () => {
    const selector = fc.constantFrom('', 'label=x', 'label!=x', 'label in (x,y)')
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 40 }),
        fc.array(step, { maxLength: 40 }),
        selector,
        fc.constantFrom('', 'one'),
        (before, after, labelSelector, namespace) => {
          const server = backend(1000)
          const call = callOf(server, namespace)
          for (const one of before) write(server, one)
          const listed = listObjects(server, call, { ...LIST, labelSelector })
          const { next } = openWatch(server, call, {
            ...QUERY,
            labelSelector,
            resourceVersion: String(listed.metadata.resourceVersion),
          })
          const known = new Map(listed.items.map((object) => [id(object), object]))
          for (const one of after) {
            write(server, one)
            for (const event of next()) follow(known, event)
          }
          for (const event of drain(next)) follow(known, event)
          const now = listObjects(server, call, { ...LIST, labelSelector }).items
          if (before.length === 0) return
          expect([...known].sort().map(([, object]) => object)).toEqual(now)
        },
      ),
      { seed: 5 },
    )
  })

  it('with sendInitialEvents sends the list, says where it ends, and goes on', () => {
    const server = backend(100)
    write(server, { namespace: 'one', name: 'a', label: 'x' })
    const { next } = openWatch(server, callOf(server), {
      ...QUERY,
      sendInitialEvents: true,
      resourceVersionMatch: 'NotOlderThan',
      bookmarks: true,
    })
    const [added, mark] = drain(next)
    expect([added?.type, mark?.type]).toEqual(['ADDED', 'BOOKMARK'])
    expect(metadataOf(mark?.object ?? {})).toMatchObject({
      resourceVersion: '1',
      annotations: { 'k8s.io/initial-events-end': 'true' },
    })
    write(server, { namespace: 'one', name: 'b', label: 'x' })
    expect(next().map(({ type }) => type)).toEqual(['ADDED'])
  })

  it('that is too slow for what is kept is told to list again, and holds nothing until then', () => {
    const server = backend(5)
    write(server, { namespace: 'one', name: 'a', label: 'x' })
    const { next } = openWatch(server, callOf(server), { ...QUERY, resourceVersion: '1' })
    for (let i = 0; i < 20; i++) write(server, { namespace: 'one', name: 'a', label: i % 2 === 0 ? 'x' : 'y' })
    const [event, ...more] = drain(next)
    expect(more).toEqual([])
    expect(event).toMatchObject({ type: 'ERROR', object: { code: 410, reason: 'Expired' } })
    expect(next()).toEqual([])
  })
})

describe('pages of a list', () => {
  it('are together the list as it was at the first page, whatever is written in between', () => {
    fc.assert(
      fc.property(
        fc.array(step, { minLength: 1, maxLength: 40 }),
        fc.array(step, { maxLength: 10 }),
        fc.integer({ min: 1, max: 3 }),
        (before, between, limit) => {
          const server = backend(1000)
          const call = callOf(server)
          for (const one of before) write(server, one)
          const whole = listObjects(server, call, LIST)
          const items: JsonObject[] = []
          let continueToken = ''
          do {
            const page = listObjects(server, call, { ...LIST, limit, continueToken })
            items.push(...page.items)
            expect(page.metadata.resourceVersion).toBe(whole.metadata.resourceVersion)
            continueToken = typeof page.metadata.continue === 'string' ? page.metadata.continue : ''
            for (const one of between) write(server, one)
          } while (continueToken !== '')
          expect(items).toEqual(whole.items)
        },
      ),
      { seed: 6 },
    )
  })

  it('that come too late are refused', () => {
    const server = backend(3)
    for (const name of ['a', 'b', 'c']) write(server, { namespace: 'one', name, label: 'x' })
    const page = listObjects(server, callOf(server), { ...LIST, limit: 1 })
    for (let i = 0; i < 10; i++) write(server, { namespace: 'one', name: 'a', label: 'y' })
    const late = { ...LIST, limit: 1, continueToken: String(page.metadata.continue) }
    expect(() => listObjects(server, callOf(server), late)).toThrow('The provided continue parameter is too old')
  })
})

/** Checks on the way that nothing is added twice, and nothing changed or deleted that is not there. */
function follow(known: Map<string, JsonObject>, { type, object }: WatchedEvent): void {
  expect(known.has(id(object))).toBe(type !== 'ADDED')
  if (type === 'DELETED') known.delete(id(object))
  else known.set(id(object), object)
}
