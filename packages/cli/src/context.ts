/** Where a command writes. `process.stdout` is one; tests pass their own. */
export interface OutputStream {
  write(text: string): unknown
  readonly isTTY?: boolean
  /** Width of the terminal in characters; unknown when the output is not a terminal. */
  readonly columns?: number
}

/** Everything a command takes from the process it runs in, so that it can run inside a test as well. */
export interface Context {
  /** `isTTY`: somebody can be asked. */
  readonly stdin: AsyncIterable<Uint8Array | string> & { readonly isTTY?: boolean }
  readonly stdout: OutputStream
  readonly stderr: OutputStream
  readonly env: Readonly<Record<string, string | undefined>>
  /** Absolute; relative file names are resolved against it. */
  readonly cwd: string
}
