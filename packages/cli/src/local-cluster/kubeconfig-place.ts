import { mkdir, readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { isObject, type Json, parseYaml, YamlError } from '@proa/kube'
import { CliError } from '../cli-error.ts'
import type { Context } from '../context.ts'
import { reasonOf } from '../inputs/file-errors.ts'
import { listAt, textAt } from '../installation/objects.ts'

/** What a local cluster calls itself in the kubeconfig that it writes. */
const LOCAL_CLUSTER = 'local-cluster'

/**
 * Where the kubeconfig of a local cluster goes; its folder is made. It takes the place of what is there, so a file that knows
 * other clusters is left alone.
 * @throws CliError
 */
export async function kubeconfigPlace(context: Context, file: string): Promise<string> {
  const path = resolve(context.cwd, file)
  const text = await readIfThere(path, file)
  if (text !== undefined && !isOfLocalCluster(text)) {
    throw new CliError('this file is not the kubeconfig of a local cluster, and is not written over', {
      place: { file },
      hint: 'Name another one with --kubeconfig.',
    })
  }
  try {
    await mkdir(dirname(path), { recursive: true })
  } catch (error) {
    throw new CliError(`cannot make the directory: ${reasonOf(error)}`, {
      place: { file: dirname(file) },
      cause: error,
    })
  }
  return path
}

async function readIfThere(path: string, file: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new CliError(`cannot read the kubeconfig: ${reasonOf(error)}`, { place: { file }, cause: error })
  }
}

function isOfLocalCluster(text: string): boolean {
  if (text.trim() === '') return true
  const root = read(text)
  const clusters = listAt(root, 'clusters')
  return isObject(root) && clusters.length > 0 && clusters.every((entry) => textAt(entry, 'name') === LOCAL_CLUSTER)
}

function read(text: string): Json | undefined {
  try {
    return parseYaml(text)
  } catch (error) {
    if (error instanceof YamlError) return undefined
    throw error
  }
}
