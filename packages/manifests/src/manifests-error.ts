/** An option that cannot be: names the option, what is wrong with it and what it may be. */
export class ManifestsError extends Error {
  override readonly name = 'ManifestsError'
  /** `timeoutSeconds`, `tags[1]` … */
  readonly option: string

  constructor(option: string, reason: string) {
    super(`${option}: ${reason}`)
    this.option = option
  }
}
