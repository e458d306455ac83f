import type { KubeClient } from '@proa/kube-client'
import type { Context } from '../context.ts'
import { ExitCode } from '../exit-codes.ts'
import { withCluster } from '../installation/connect.ts'
import { injectorConfigurations, namespacesOf } from '../installation/webhooks.ts'
import { tableLines } from '../output/table.ts'
import { visible } from '../output/visible.ts'
import type { TagListOptions } from './tag.ts'

/** One row: as `istioctl tag list -o json` has it. */
interface TagRow {
  /** Empty for a revision without a tag. */
  readonly tag: string
  readonly revision: string
  readonly namespaces: readonly string[]
}

export async function runTagList(context: Context, options: TagListOptions): Promise<ExitCode> {
  return withCluster(context, options, async (client) => {
    const rows = await tagRows(client)
    if (options.output === 'json') context.stdout.write(`${JSON.stringify(rows, null, 2)}\n`)
    else if (rows.length === 0) context.stdout.write('There are no revisions and no tags.\n')
    else context.stdout.write(visible(`${table(rows).join('\n')}\n`))
    return ExitCode.Success
  })
}

async function tagRows(client: KubeClient): Promise<TagRow[]> {
  const all = await injectorConfigurations(client)
  const tagged = new Set(all.filter(({ tag }) => tag !== undefined).map(({ revision }) => revision))
  const rows: TagRow[] = []
  for (const { tag = '', revision, deactivated } of all) {
    const namespaces = deactivated ? [] : await namespacesOf(client, tag === '' ? revision : tag)
    // As istioctl has it, a revision with tags has no row of its own; but namespaces that ask for it by its name must be seen.
    if (tag === '' && tagged.has(revision) && namespaces.length === 0) continue
    rows.push({ tag, revision, namespaces })
  }
  const order = ({ revision, tag }: TagRow): string => `${revision}\n${tag}`
  return rows.sort((a, b) => (order(a) < order(b) ? -1 : 1))
}

function table(rows: readonly TagRow[]): string[] {
  const body = rows.map(({ tag, revision, namespaces }) => [tag === '' ? '-' : tag, revision, namespaces.join(', ')])
  return tableLines([['TAG', 'REVISION', 'NAMESPACES'], ...body])
}
