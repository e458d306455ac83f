import type { Change } from '../finding.ts'
import { kubectl, resourceOf, shellWord } from './kubectl.ts'

/** A change as the command that a person types: both do the same. */
export function changeCommand({ object, ...change }: Change): string {
  const what = `${resourceOf(object)} ${shellWord(object.name)}`
  if (change.kind === 'delete') return `${kubectl(object)} delete ${what}`
  if (change.kind === 'apply') return `kubectl apply --server-side -f - <<'EOF'\n${JSON.stringify(change.body)}\nEOF`
  const { patch } = change
  const body = JSON.stringify(patch.type === 'json' ? patch.operations : patch.body)
  return `${kubectl(object)} patch ${what} --type=${patch.type} -p ${shellWord(body)}`
}
