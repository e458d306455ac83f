import { readFileSync } from 'node:fs'
import { isObject, type JsonObject } from '@proa/kube'
import { describe, expect, it } from 'vitest'
import { resourceType } from '../../testing/admission/cluster.ts'
import { CASES } from '../../testing/validation/cases.ts'
import { OBJECTS } from '../../testing/validation/objects.ts'
import { ApiError } from '../api/status.ts'
import { applyDefaults } from '../defaults/index.ts'
import { validateCreate, validateUpdate } from './index.ts'

interface Recorded {
  readonly code: number
  readonly message: string
  readonly details?: JsonObject
}

const recorded = JSON.parse(
  readFileSync(new URL('../../testing/validation/recorded.json', import.meta.url), 'utf8'),
) as Record<string, Recorded | 'OK'>

/** Decided elsewhere, or by parts of the API server that print their own insides. */
const NOT_HERE = new Set([
  'a generateName with capitals',
  'a ServiceAccount name with capitals',
  'a Job with another template',
  'a match condition that does not parse',
  'a match condition with an unknown variable',
])

function typeOf(object: JsonObject) {
  const [group = '', version = ''] = String(object.apiVersion).includes('/')
    ? String(object.apiVersion).split('/')
    : ['', 'v1']
  return resourceType(String(object.kind), group, (object.metadata as JsonObject).namespace !== undefined, version)
}

/** An update as a client makes it: what it read, with its changes. */
function changed(before: JsonObject, object: JsonObject): JsonObject {
  if (object.kind !== 'Pod') return applyDefaults(object)
  const spec = before.spec as JsonObject
  const wanted = object.spec as JsonObject
  const old = spec.containers as readonly JsonObject[]
  const containers = (wanted.containers as readonly JsonObject[]).map((one, index) => ({ ...old[index], ...one }))
  return applyDefaults({ ...before, metadata: object.metadata ?? {}, spec: { ...spec, ...wanted, containers } })
}

function check({ object, before }: (typeof CASES)[number]): Recorded | 'OK' {
  try {
    if (before === undefined) validateCreate(applyDefaults(object), typeOf(object))
    else {
      const stored = applyDefaults(before)
      validateUpdate(changed(stored, object), stored, typeOf(object))
    }
    return 'OK'
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    return {
      code: error.code,
      message: error.message,
      ...(error.details === undefined ? {} : { details: error.details }),
    }
  }
}

/** The API server adds a diff of its own types to some words. */
function withoutDiff(answer: Recorded | 'OK'): unknown {
  if (answer === 'OK') return answer
  const cut = (text: string) => text.replace(/\n@@[\s\S]*$/, '')
  const details = isObject(answer.details)
    ? (JSON.parse(JSON.stringify(answer.details)) as { causes?: { message: string }[] })
    : {}
  for (const cause of details.causes ?? []) cause.message = cut(cause.message)
  return { code: answer.code, message: cut(answer.message), details }
}

describe('checks are those of a real API server', () => {
  for (const one of CASES.filter(({ name }) => !NOT_HERE.has(name))) {
    it(one.name, () => {
      expect(withoutDiff(check(one))).toEqual(withoutDiff(recorded[one.name] ?? 'OK'))
    })
  }

  it('find nothing wrong with objects that a real API server takes', () => {
    for (const object of OBJECTS) expect(() => validateCreate(applyDefaults(object), typeOf(object))).not.toThrow()
  })
})
