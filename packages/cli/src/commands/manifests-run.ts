import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { dumpYaml, type JsonObject } from '@proa/kube'
import { CliError } from '../cli-error.ts'
import type { Context } from '../context.ts'
import { ExitCode } from '../exit-codes.ts'
import { reasonOf } from '../inputs/file-errors.ts'
import { textAt } from '../installation/objects.ts'
import { plan, readInstallation } from '../installation/plan.ts'
import { writeFiles } from '../output/write-files.ts'
import { yamlStream } from '../output/yaml-stream.ts'
import type { ManifestsOptions } from './manifests.ts'

export async function runManifests(context: Context, options: ManifestsOptions): Promise<ExitCode> {
  const objects = plan(await readInstallation(context, options))
  const { output } = options
  if (output === 'json')
    context.stdout.write(`${JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }, null, 2)}\n`)
  else if (output === 'yaml') context.stdout.write(yamlStream(objects))
  else await writeFolder(context, output, objects)
  return ExitCode.Success
}

async function writeFolder(context: Context, folder: string, objects: readonly JsonObject[]): Promise<void> {
  try {
    await mkdir(resolve(context.cwd, folder), { recursive: true })
  } catch (error) {
    throw new CliError(`cannot make the directory: ${reasonOf(error)}`, { place: { file: folder }, cause: error })
  }
  const files = objects.map((object, index) => [join(folder, fileName(object, index)), dumpYaml(object)] as const)
  await writeFiles(context.cwd, new Map(files))
  for (const [name] of files) context.stdout.write(`${name}\n`)
}

/** The number keeps the order for tools that apply files by name: `03-clusterrole-proa-injector.yaml`. */
function fileName(object: JsonObject, index: number): string {
  const kind = textAt(object, 'kind').toLowerCase()
  return `${String(index + 1).padStart(2, '0')}-${kind}-${textAt(object, 'metadata', 'name')}.yaml`
}
