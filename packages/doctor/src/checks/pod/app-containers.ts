import type { Json, JsonObject } from '@proa/kube'
import type { Evidence } from '../../finding.ts'
import { listAt, objectsAt, textAt } from '../../reading.ts'
import type { Subject } from '../../subjects/subjects.ts'
import { templateField } from '../../subjects/wishes.ts'
import { injectedNames, inPod, type Proxied } from './proxied.ts'

type ContainerList = 'containers' | 'initContainers'

/** A container that no injector added, where it stands in the Pod with its sidecar. */
export interface AppContainer {
  readonly list: ContainerList
  /** Among the containers of the list, injected ones included. */
  readonly index: number
  readonly name: string
  readonly container: JsonObject
}

export function appContainers({ pod, sidecar }: Pick<Proxied, 'pod' | 'sidecar'>): readonly AppContainer[] {
  return (['initContainers', 'containers'] as const).flatMap((list) => {
    const injected = injectedNames(sidecar, list)
    return objectsAt(pod, 'spec', list).flatMap((container, index) => {
      const name = textAt(container, 'name')
      return injected.has(name) ? [] : [{ list, index, name, container }]
    })
  })
}

/** Init containers that keep running are containers like others. */
export const endsBeforeTheApp = ({ list, container }: AppContainer): boolean =>
  list === 'initContainers' && textAt(container, 'restartPolicy') !== 'Always'

/** Where a field of a container stands for who has to change it: in the template if it comes from there, else in the Pod. */
export function appEvidence(one: Proxied, app: AppContainer, field: string, value: Json | undefined): Evidence {
  const index = objectsAt(one.subject.template, 'spec', app.list).findIndex(({ name }) => name === app.name)
  const shown = value === undefined ? {} : { value }
  if (index === -1) return inPod(one, `spec.${app.list}[${app.index}].${field}`, value)
  return { path: templateField(one.subject, `spec.${app.list}[${index}].${field}`), ...shown }
}

export function fieldInTemplate(subject: Subject, field: string, value: Json | undefined): Evidence {
  return { path: templateField(subject, field), ...(value === undefined ? {} : { value }) }
}

/** No command says what it is about only after so many characters. */
const LONGEST_COMMAND = 10_000

/** Command and arguments in one text, as a person would type them. */
export function commandOf(container: JsonObject): string {
  return wordsOf([...listAt(container, 'command'), ...listAt(container, 'args')])
}

/** The text of an `exec` handler: `sh -c "sleep 5"`. */
export function execOf(handler: Json | undefined): string {
  return wordsOf(listAt(handler, 'exec', 'command'))
}

function wordsOf(words: readonly Json[]): string {
  return words
    .filter((word) => typeof word === 'string')
    .join(' ')
    .slice(0, LONGEST_COMMAND)
}
