import { type Configuration, InjectionConfigurationError } from '@proa/injector'
import { CliError } from '../cli-error.ts'

/**
 * Loads a configuration, and tells what is wrong with it in the words of a command.
 * @throws CliError
 */
export function loadable(load: () => Configuration): Configuration {
  try {
    return load()
  } catch (error) {
    if (!(error instanceof InjectionConfigurationError)) throw error
    const { source, reason, path, line, hint } = error.problem
    // `compat` is a flag, not a file.
    const file = source === 'compat' ? '--compat' : source
    const place = { file, ...(line === undefined ? {} : { line }), ...(path === undefined ? {} : { path }) }
    throw new CliError(reason, { place, hint, cause: error })
  }
}
