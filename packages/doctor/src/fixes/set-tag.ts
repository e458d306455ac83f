import type { Injector } from '../mesh/injectors.ts'
import { textAt } from '../reading.ts'
import { shellWord } from './kubectl.ts'

/** The command that points a tag at a revision, by the program that installed the control plane. */
export function setTagCommand(tag: string, { revision, object }: Injector): string {
  const mine = textAt(object, 'metadata', 'labels', 'app.kubernetes.io/name').startsWith('proa')
  const program = mine ? 'proa' : 'istioctl'
  return `${program} tag set ${shellWord(tag)} --revision ${shellWord(revision)} --overwrite`
}
