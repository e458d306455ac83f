import { CliError } from '../cli-error.ts'
import { ExitCode } from '../exit-codes.ts'
import type { InjectorConfiguration } from './webhooks.ts'

/**
 * The webhooks of a revision, which its tags are made after.
 * @throws CliError when there is none, or more than one
 */
export function canonicalConfiguration(all: readonly InjectorConfiguration[], revision: string): InjectorConfiguration {
  const found = all.filter((one) => one.revision === revision && one.tag === undefined)
  const [only] = found
  if (only !== undefined && found.length === 1) return only
  if (found.length > 1) {
    const names = found.map(({ name }) => name).join(', ')
    throw new CliError(`several MutatingWebhookConfigurations have the revision "${revision}": ${names}`)
  }
  const known = [...new Set(all.filter(({ tag }) => tag === undefined).map((one) => one.revision))].sort()
  throw new CliError(`there is no injector of revision "${revision}"`, {
    hint:
      known.length === 0 ? 'No injector is installed: "proa install" does that.' : `There are: ${known.join(', ')}.`,
  })
}

/** @throws CliError when a tag cannot be set */
export function checkTag(
  all: readonly InjectorConfiguration[],
  tag: string,
  revision: string,
  overwrite: boolean,
): void {
  if (tag === revision) {
    throw new CliError(`"${tag}" is the revision itself; a tag is another name for it`, { exitCode: ExitCode.Usage })
  }
  const existing = all.find((one) => one.tag === tag)
  if (existing !== undefined && existing.revision !== revision && !overwrite) {
    throw new CliError(`the tag "${tag}" is there already, for the revision "${existing.revision}"`, {
      hint: 'Move it with --overwrite.',
    })
  }
  const namesake = all.find((one) => one.revision === tag && one.tag === undefined)
  if (namesake !== undefined && tag !== 'default') {
    throw new CliError(`a revision has the name "${tag}" (${namesake.name}); both would take the same Pods`)
  }
}
