/** What stands in the place of a secret. */
export const REDACTED = 'redacted'

/** Names of variables, headers and annotations whose value is nobody's business. */
const SECRET_NAME =
  /pass(?:wd|word|phrase)|secret|token|credential|api[-_]?key|access[-_]?key|private[-_]?key|authorization|cookie|connection[-_]?string|dsn$/i

/** Values that are names, settings or paths, under a name that sounds secret: `JWT_POLICY`, `TOKEN_AUDIENCES`, `VAULT_TOKEN_FILE`. */
const NOT_SECRET =
  /(?:_(?:FILE|PATH|DIR|AUDIENCES?|POLICY|TYPE|ISSUER|NAME|TTL|ENABLED?)|[a-z](?:File|Path|Name|Audience))$|^(?:secret\.reloader|kubernetes\.io\/service-account)/

export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name) && !NOT_SECRET.test(name)
}

/** Whether any part of a text could be such a name: cheap, and often wrong. */
export function hasSecretName(text: string): boolean {
  return SECRET_NAME.test(text)
}

const PATTERNS: readonly (readonly [RegExp, string])[] = [
  // A key whose end was cut off is a key all the same.
  [
    /-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----[\s\S]*?(?:-----END (?:[A-Z0-9]+ )*PRIVATE KEY-----|$)/g,
    `${REDACTED} private key`,
  ],
  [/\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*)?/g, REDACTED],
  [/\b(Bearer +|Authorization["']?[:=] *["']?Basic +)(?!redacted\b)[A-Za-z0-9._~+/=-]{16,}/gi, `$1${REDACTED}`],
  // The user's name goes too: it is a token as often as not. An image by its digest has no user.
  [/\b([a-z][a-z0-9+.-]{0,30}:\/\/)(?!redacted@)[^\s/@?#"'<>]+@(?!sha256:)/gi, `$1${REDACTED}@`],
  // `--token=x`, `password: x`, `"client-key-data": "x"`, `API_KEY=x`; a reference or the hole of a template is no secret.
  [
    /((?:^|[\s"'{,;?&_-])(?:password|passwd|passphrase|client[-_]?secret|client[-_]?key(?:[-_]data)?|secret[-_]?key|private[-_]?key|secret[-_]?access[-_]?key|api[-_]?key)["']?(?:=|:[ \t]*(?=\S))["']?)(?!redacted\b|[{$|>[])[^\s"',;&]+/gi,
    `$1${REDACTED}`,
  ],
  // Variables and properties set within a line of a shell or of Java: `PGPASSWORD=x`, `-Djavax.net.ssl.keyStorePassword=x`.
  [
    /((?:^|[\s"'{,;?&_-])[A-Za-z][\w.-]{0,60}(?:password|passwd|passphrase|secret|api_?key)=["']?)(?!redacted\b|[{$|>[])[^\s"',;&]+/gi,
    `$1${REDACTED}`,
  ],
  // `curl -u user:password`
  [
    /(\b(?:curl|wget)\b[^\n|;&]{0,200}?\s(?:-u|--user)[ =]?["']?[^\s"':]{0,60}:)(?!redacted\b|[{$|>[])[^\s"',;&]+/g,
    `$1${REDACTED}`,
  ],
  // With a digit in it, or the words of "failed to fetch token: serviceaccounts not found" would be one.
  [
    /((?:^|[\s"'{,;?&_-])(?:(?:id|refresh|access|auth|bearer|session)[-_]?)?token["']?(?:=|:[ \t]*(?=\S))["']?)(?!redacted\b|[{$|>[/])(?=[^\s"']*\d)[A-Za-z0-9._~+/=-]{12,}/gi,
    `$1${REDACTED}`,
  ],
]

/** The quick way for the thousands of texts that have nothing of the kind. */
const WORTH_A_LOOK = /PRIVATE KEY|eyJ|Bearer|Basic|:\/\/|pass|secret|key|token|curl|wget/i

/** A text without the private keys, tokens, passwords and users of URLs in it. Doing it twice is doing it once. */
export function redactText(text: string): string {
  if (!WORTH_A_LOOK.test(text)) return text
  return PATTERNS.reduce((rest, [pattern, replacement]) => rest.replace(pattern, replacement), text)
}

const FLAG = /^--?([A-Za-z][\w.-]*)$/

/** Arguments of a command, where a flag and its value may be two of them. */
export function redactArguments(list: readonly string[]): string[] {
  return list.map((one, index) => {
    const flag = FLAG.exec(list[index - 1] ?? '')?.[1]
    if (flag !== undefined && isSecretName(flag) && !one.startsWith('-')) return REDACTED
    const [, name = '', value = ''] = /^--?([A-Za-z][\w.-]*)=([\s\S]*)$/.exec(one) ?? []
    if (isSecretName(name) && value !== '') return `${one.slice(0, one.indexOf('=') + 1)}${REDACTED}`
    return redactText(one)
  })
}
