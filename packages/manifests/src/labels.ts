import { APP_NAME, injectorName, LABEL } from './names.ts'
import type { Installation } from './options.ts'

/** What the Deployment and the Service find their Pods by. Never changes, because a Deployment's selector cannot. */
export function selectorLabels(revision: string): Record<string, string> {
  return { [LABEL.name]: APP_NAME, [LABEL.instance]: injectorName(revision) }
}

/** On every object of an installation. */
export function commonLabels({
  revision,
  managedBy,
}: Pick<Installation, 'revision' | 'managedBy'>): Record<string, string> {
  return {
    ...selectorLabels(revision),
    [LABEL.partOf]: 'proa',
    [LABEL.managedBy]: managedBy,
    [LABEL.revision]: revision,
  }
}
