import { CliError } from '../cli-error.ts'
import { reasonOf } from '../inputs/file-errors.ts'

/** Why a local cluster did not start, where it is for the user to mend; other errors stay what they are. */
export function cannotStart(error: unknown): unknown {
  const { code, syscall, port, path } = error as NodeJS.ErrnoException & { readonly port?: number }
  if (syscall === 'listen') {
    const why = code === 'EADDRINUSE' ? 'something else listens there (EADDRINUSE)' : code
    return new CliError(`the local cluster cannot listen on port ${port ?? ''}: ${why}`, {
      hint: 'Choose another with --port; 0 is any that is free.',
      cause: error,
    })
  }
  if (path === undefined || code === undefined) return error
  return new CliError(`the local cluster cannot use a file: ${reasonOf(error)}`, {
    place: { file: path },
    cause: error,
  })
}
