import type { JsonPatchOperation } from '@proa/kube'
import type { RightRoot } from '../../certificates/right-root.ts'
import { objectName } from '../../cluster/cluster.ts'
import { shellWord } from '../../fixes/kubectl.ts'
import { NO_STEP, patchObject, type Step } from '../../fixes/patch-object.ts'
import type { Injector } from '../../mesh/injectors.ts'

/** Writes one bundle into entries of one webhook configuration, each found by its name as well as by its place. */
export function writeBundle(entries: readonly Injector[], root: Pick<RightRoot, 'encoded' | 'command'>): Step {
  const [first] = entries
  if (first === undefined) return NO_STEP
  const operations = entries.flatMap(({ index, webhook }): JsonPatchOperation[] => [
    { op: 'test', path: `/webhooks/${index}/name`, value: webhook },
    { op: 'add', path: `/webhooks/${index}/clientConfig/caBundle`, value: root.encoded },
  ])
  const object = objectName(first.object)
  const patch = { type: 'json', operations } as const
  return root.command === undefined
    ? patchObject(object, patch)
    : patchObject(object, patch, shortCommand(object.name, operations, root.command))
}

/** The bundle is read from where it is right: nobody wants a screen full of base64. */
function shortCommand(name: string, operations: readonly JsonPatchOperation[], command: string): string {
  const short = operations.map((one) => (one.op === 'add' ? { ...one, value: '$CA' } : one))
  const body = shellWord(JSON.stringify(short)).replaceAll('$CA', `'"$CA"'`)
  return `CA=$(${command})\nkubectl patch mutatingwebhookconfiguration ${shellWord(name)} --type=json -p ${body}`
}
