import { type Command, Option } from 'commander'
import type { Context } from '../context.ts'
import type { ExitCode } from '../exit-codes.ts'
import { addClusterOptions, type ClusterOptions } from '../installation/cluster-options.ts'

export interface TagSetOptions extends ClusterOptions {
  readonly revision: string
  readonly overwrite?: boolean
  readonly dryRun?: boolean
  readonly autoInjectNamespaces?: boolean
}

export interface TagListOptions extends ClusterOptions {
  readonly output: 'table' | 'json'
}

export interface TagRemoveOptions extends ClusterOptions {
  readonly yes?: boolean
  readonly dryRun?: boolean
}

export function addTagCommand(program: Command, context: Context, finish: (code: ExitCode) => void): void {
  const tag = program
    .command('tag')
    .summary('give revisions other names that namespaces can ask for')
    .description(
      'A tag is a name for a revision that can be moved: namespaces ask for it with istio.io/rev=TAG and need not be ' +
        'labelled anew when another revision takes over. The tag "default" is what istio-injection=enabled asks for.',
    )
  addSet(tag, context, finish)
  addList(tag, context, finish)
  addGenerate(tag, context, finish)
  addRemove(tag, context, finish)
}

type Add = (tag: Command, context: Context, finish: (code: ExitCode) => void) => void

const addSet: Add = (tag, context, finish) => {
  addClusterOptions(tag.command('set <tag>').summary('create a tag, or move it to another revision'))
    .description('Creates a tag, or moves it to another revision with --overwrite.')
    .requiredOption('-r, --revision <name>', 'the revision that the tag is for')
    .option('--overwrite', 'move the tag when it is there already')
    .option('--auto-inject-namespaces', 'for the tag default: inject Pods in namespaces without any label, too')
    .option('--dry-run', 'ask the cluster what would change, and change nothing')
    .action(async (name: string, options: TagSetOptions) => {
      const { runTagSet } = await import('./tag-run.ts')
      finish(await runTagSet(context, name, options))
    })
}

const addGenerate: Add = (tag, context, finish) => {
  addClusterOptions(tag.command('generate <tag>').summary('print the objects of a tag, for GitOps'))
    .description('Prints what "proa tag set" would apply.')
    .requiredOption('-r, --revision <name>', 'the revision that the tag is for')
    .option('--auto-inject-namespaces', 'for the tag default: inject Pods in namespaces without any label, too')
    .action(async (name: string, options: TagSetOptions) => {
      const { runTagGenerate } = await import('./tag-run.ts')
      finish(await runTagGenerate(context, name, options))
    })
}

const addList: Add = (tag, context, finish) => {
  addClusterOptions(tag.command('list').alias('show').summary('list the tags and who uses them'))
    .description('Lists the tags and the revisions without one, with the namespaces that ask for them.')
    .addOption(new Option('-o, --output <format>', 'how to print it').choices(['table', 'json']).default('table'))
    .action(async (options: TagListOptions) => {
      const { runTagList } = await import('./tag-list.ts')
      finish(await runTagList(context, options))
    })
}

const addRemove: Add = (tag, context, finish) => {
  addClusterOptions(tag.command('remove <tag>').alias('delete').summary('take a tag away'))
    .description(
      'Takes a tag away. Namespaces that ask for it get no sidecars any more: without --yes it is refused then.',
    )
    .option('-y, --yes', 'take it away although namespaces ask for it')
    .option('--dry-run', 'say what would be deleted, and delete nothing')
    .action(async (name: string, options: TagRemoveOptions) => {
      const { runTagRemove } = await import('./tag-remove.ts')
      finish(await runTagRemove(context, name, options))
    })
}
