import type { Json, JsonObject, JsonPatchOperation } from '@proa/kube'
import type { Text } from './language.ts'
import type { Unread } from './snapshot/types.ts'

export type CheckId = `INJ${number}`

export type Severity = 'error' | 'warn' | 'info'

/** `certain`: the evidence says so; `likely`: nothing else explains it; `cannot-tell`: the evidence allows more than one cause. */
export type Confidence = 'certain' | 'likely' | 'cannot-tell'

/** An object as people call it. */
export interface ObjectName {
  readonly apiVersion?: string
  readonly kind: string
  /** Absent for cluster-scoped kinds. */
  readonly namespace?: string
  readonly name: string
}

/** A value and where it stands. Without `value` nothing stands there. */
export interface Evidence {
  /** Absent: the object of the finding. */
  readonly object?: ObjectName
  /** `spec.hostNetwork`, `metadata.labels["istio-injection"]`, `webhooks[0].clientConfig.caBundle`, `events[0].message` … */
  readonly path: string
  readonly value?: Json
  /** What this side of a comparison is: "caBundle of the webhook", "root certificate in the namespace". */
  readonly label?: Text
}

/** A write to one object that repairs something. `proa doctor --fix` makes it; it is printed before. */
export type Change =
  | {
      readonly kind: 'patch'
      readonly object: ObjectName & { readonly apiVersion: string }
      readonly patch:
        | { readonly type: 'merge'; readonly body: JsonObject }
        | { readonly type: 'strategic'; readonly body: JsonObject }
        | { readonly type: 'json'; readonly operations: readonly JsonPatchOperation[] }
    }
  /** Server-side apply: the object is created, or gets these fields. `body` is the whole object. */
  | { readonly kind: 'apply'; readonly object: ObjectName & { readonly apiVersion: string }; readonly body: JsonObject }
  | { readonly kind: 'delete'; readonly object: ObjectName & { readonly apiVersion: string } }

/** What to do. Commands are what a person would type; changes are what the program itself can do in their place. */
export interface Fix {
  readonly text: Text
  readonly commands: readonly string[]
  readonly changes: readonly Change[]
}

/** What a check found at one object, before its id and severity are added. */
export interface Found {
  readonly outcome: 'found'
  readonly object: ObjectName
  /** One sentence: what is wrong here, with names and values. */
  readonly message: Text
  /** What it means for the user, where that does not follow from the message. */
  readonly meaning?: Text
  readonly evidence: readonly Evidence[]
  readonly fix?: Fix
  readonly confidence: Confidence
  /** When it differs from the severity of the check. */
  readonly severity?: Severity
  /** The revision of the control plane that it is about; it then matters only to workloads that this revision injects. */
  readonly revision?: string
  /** Nothing to act on: shown for what was asked for by name, not when a whole cluster is checked. */
  readonly routine?: true
}

/** The check could not look at something, and why. */
export interface NotEvaluated {
  readonly outcome: 'not-evaluated'
  readonly object?: ObjectName
  readonly reason: Text
}

export type CheckOutcome = Found | NotEvaluated

/** A finding as it is reported. */
export interface Finding extends Omit<Found, 'outcome' | 'routine' | 'severity'> {
  readonly id: CheckId
  readonly severity: Severity
  readonly category: Category
  /** Link into the reference of the checks. */
  readonly docs: string
}

/** A check, or a part of it, about which nothing can be said. */
export interface NotEvaluatedCheck {
  readonly id: CheckId
  readonly object?: ObjectName
  readonly reason: Text
  /** What would have been needed. */
  readonly missing: readonly Unread[]
}

/** Folders of `checks/`, in the order of the report. */
export const CATEGORIES = ['decision', 'reachability', 'certificates', 'policy', 'pod'] as const
export type Category = (typeof CATEGORIES)[number]
