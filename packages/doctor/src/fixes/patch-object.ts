import type { JsonObject, JsonPatchOperation } from '@proa/kube'
import type { Change, ObjectName } from '../finding.ts'
import { changeCommand } from './change-command.ts'
import { apiVersionOf } from './kubectl.ts'

export type PatchBody = Extract<Change, { kind: 'patch' }>['patch']

/** One step of a fix: the command that a person types, and the same as a change. */
export interface Step {
  readonly commands: readonly string[]
  readonly changes: readonly Change[]
}

export const NO_STEP: Step = { commands: [], changes: [] }

/** What loosens a rule, turns something off, or may lose data is for people to decide: `--fix` prints it and does not make it. */
export function leftToPeople({ commands }: Step): Step {
  return { commands, changes: [] }
}

export function allSteps(...steps: readonly Step[]): Step {
  return { commands: steps.flatMap(({ commands }) => commands), changes: steps.flatMap(({ changes }) => changes) }
}

/** RFC 7396. For kinds that are not built in this is the only way beside a JSON Patch. */
export function mergePatch(object: ObjectName, body: JsonObject): Step {
  return patchObject(object, { type: 'merge', body })
}

/** With `test` operations before it, so that it never hits another item than the one that was looked at. */
export function jsonPatch(object: ObjectName, operations: readonly JsonPatchOperation[]): Step {
  return patchObject(object, { type: 'json', operations })
}

/** `command`: a shorter one that does the same, such as `kubectl label`. */
export function patchObject(object: ObjectName, patch: PatchBody, command?: string): Step {
  return stepOf(object, (named) => ({ kind: 'patch', object: named, patch }), command)
}

export function deleteObject(object: ObjectName): Step {
  return stepOf(object, (named) => ({ kind: 'delete', object: named }))
}

/** Of a kind that nobody knows, only a person can say which API it belongs to. */
function stepOf(object: ObjectName, changeOf: (object: Change['object']) => Change, command?: string): Step {
  const apiVersion = apiVersionOf(object)
  const change = changeOf({ ...object, apiVersion: apiVersion ?? '' })
  return { commands: [command ?? changeCommand(change)], changes: apiVersion === undefined ? [] : [change] }
}
