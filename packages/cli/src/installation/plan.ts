import type { JsonObject } from '@proa/kube'
import {
  type ConfigurationTexts,
  type InstallationOptions,
  installationManifests,
  ManifestsError,
} from '@proa/manifests'
import { CliError } from '../cli-error.ts'
import { type InstallationFlags, installationFileNames, installationOptions } from '../commands/installation-options.ts'
import { type ConfigFiles, readConfigFiles } from '../config-files.ts'
import type { Context } from '../context.ts'
import { ExitCode } from '../exit-codes.ts'
import { loadSession } from '../workloads/session.ts'

/**
 * What the flags ask for, with the user's files read and checked: a configuration that the injector could not load is not
 * installed.
 * @throws CliError
 */
export async function readInstallation(context: Context, flags: InstallationFlags): Promise<InstallationOptions> {
  const names = installationFileNames(flags)
  const given = Object.values(names).some((name) => name !== undefined)
  if (flags.configFrom !== undefined) {
    if (given) {
      throw new CliError('--config-from uses ConfigMaps as they are; files for an own one do not go with it', {
        exitCode: ExitCode.Usage,
      })
    }
    return { ...installationOptions(flags), configuration: { from: 'existing', revision: flags.configFrom } }
  }
  if (!given) return installationOptions(flags)
  await loadSession(context, { ...flags, compat: flags.compat ?? 'auto' })
  const files = await readConfigFiles(context, names, flags.revision)
  return { ...installationOptions(flags), configuration: { from: 'own', texts: textsOf(files) } }
}

function textsOf({ config, values, mesh }: ConfigFiles): ConfigurationTexts {
  return {
    ...(config === undefined ? {} : { config: config.text }),
    ...(values === undefined ? {} : { values: values.text }),
    ...(mesh === undefined ? {} : { mesh: mesh.text }),
  }
}

/** Which flag sets which option, for messages. */
const FLAGS: readonly (readonly [RegExp, string])[] = [
  [/^namespace$/, '--namespace'],
  [/^revision$/, '--revision'],
  [/^tags/, '--tag'],
  [/^configuration\.revision$/, '--config-from'],
  [/^timeoutSeconds$/, '--webhook-timeout'],
]

/**
 * The objects of an installation.
 * @throws CliError that names the flag that is wrong
 */
export function plan(options: InstallationOptions): JsonObject[] {
  try {
    return installationManifests(options)
  } catch (error) {
    if (!(error instanceof ManifestsError)) throw error
    const flag = FLAGS.find(([pattern]) => pattern.test(error.option))?.[1] ?? `--${error.option}`
    const message = error.message.slice(error.option.length)
    throw new CliError(`${flag}${message}`, { exitCode: ExitCode.Usage, cause: error })
  }
}
