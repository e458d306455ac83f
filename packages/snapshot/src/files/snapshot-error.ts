/** Files that no snapshot can be made of, or written to: the message says which file, where, and what to do. */
export class SnapshotError extends Error {
  override readonly name = 'SnapshotError'
  readonly file: string
  /** 1-based; 0 when the place is not known or of no interest. */
  readonly line: number

  constructor(
    file: string,
    reason: string,
    { line = 0, cause }: { readonly line?: number; readonly cause?: unknown } = {},
  ) {
    super(`${file}${line > 0 ? `:${line}` : ''}: ${reason}`, { cause })
    this.file = file
    this.line = line
  }
}

/** What the system says against a file. */
export function fileProblem(file: string, error: unknown): SnapshotError {
  const { code, message } = error as NodeJS.ErrnoException
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: 'there is no such file or folder',
    EACCES: 'you may not read or write it',
    EISDIR: 'it is a folder',
    ENOTDIR: 'a part of its path is no folder',
    ENOSPC: 'the disk is full',
    EROFS: 'the file system is read-only',
  }
  return new SnapshotError(file, (code === undefined ? undefined : reasons[code]) ?? message, { cause: error })
}
