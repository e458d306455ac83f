import type { Command } from 'commander'

/** What to do with manifests that were changed. */
export interface ResultOptions {
  readonly output?: string
  readonly diff?: true
  readonly check?: true
  readonly inPlace?: true
}

export function addOutputOptions(command: Command): Command {
  return command
    .option(
      '-o, --output <json|yaml|file>',
      'print JSON or YAML (the default), or write to this file; a file called json is ./json',
    )
    .option('--in-place', 'write every changed file back')
    .option('--diff', 'print the difference instead of the manifests')
    .option('--check', 'print what would change instead of the manifests, and exit with 1 when something would')
}
