import type { JsonObject } from '@proa/kube'
import type { Injector } from '../../mesh/injectors.ts'
import type { Subject } from '../../subjects/subjects.ts'
import type { askWebhooks } from '../../subjects/verdict.ts'

/** A Pod that waits for the injector. */
export interface Victim {
  readonly injector: Injector
  readonly namespace: string
  readonly template: JsonObject
  /** Undefined: any Pod of the namespace. */
  readonly subject: Subject | undefined
}

/** Whether an injector is among the webhooks that are called. */
export function isCalled(
  { injectors: verdicts }: ReturnType<typeof askWebhooks>,
  { configuration, index }: Injector,
): boolean {
  return verdicts.some(
    ({ verdict }) => verdict.configuration === configuration && verdict.index === index && verdict.called === true,
  )
}
