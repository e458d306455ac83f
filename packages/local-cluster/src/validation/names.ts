/** Rules for names, each returning what is wrong (apimachinery, util/validation). */

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?'
const SUBDOMAIN = `${LABEL}(\\.${LABEL})*`
const LABEL_1035 = '[a-z]([-a-z0-9]*[a-z0-9])?'
const CONFIG_KEY = '[-._a-zA-Z0-9]+'
const LABEL_MAX = 63
const SUBDOMAIN_MAX = 253
const PORT_NAME_MAX = 15

const whole = (pattern: string) => new RegExp(`^(?:${pattern})$`)
const LABEL_RULE = whole(LABEL)
const SUBDOMAIN_RULE = whole(SUBDOMAIN)
const LABEL_1035_RULE = whole(LABEL_1035)
const CONFIG_KEY_RULE = whole(CONFIG_KEY)

export function labelName(name: string): readonly string[] {
  const rule =
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an " +
    `alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '${LABEL}')`
  return check(name, LABEL_MAX, LABEL_RULE, rule)
}

export function subdomainName(name: string): readonly string[] {
  const rule =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end " +
    `with an alphanumeric character (e.g. 'example.com', regex used for validation is '${SUBDOMAIN}')`
  return check(name, SUBDOMAIN_MAX, SUBDOMAIN_RULE, rule)
}

export function label1035Name(name: string): readonly string[] {
  const rule =
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end " +
    `with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '${LABEL_1035}')`
  return check(name, LABEL_MAX, LABEL_1035_RULE, rule)
}

function check(name: string, max: number, pattern: RegExp, rule: string): readonly string[] {
  const problems: string[] = []
  if (name.length > max) problems.push(`must be no more than ${max} characters`)
  if (!pattern.test(name)) problems.push(rule)
  return problems
}

/** A name without dots: what may be one step of a host name. */
export function labelWithoutDots(name: string): readonly string[] {
  return name.includes('.') ? ['must not contain dots'] : labelName(name)
}

/** Roles and the like may be called anything that fits into a path. */
export function pathSegment(name: string): readonly string[] {
  if (name === '.' || name === '..') return [`may not be '${name}'`]
  return ['/', '%'].filter((part) => name.includes(part)).map((part) => `may not contain '${part}'`)
}

export function portName(name: string): readonly string[] {
  const problems: string[] = []
  if (name.length > PORT_NAME_MAX) problems.push(`must be no more than ${PORT_NAME_MAX} characters`)
  if (!/^[-a-z0-9]+$/.test(name))
    problems.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)')
  if (!/[a-z]/.test(name)) problems.push('must contain at least one letter (a-z)')
  if (name.includes('--')) problems.push('must not contain consecutive hyphens')
  if (name !== '' && (name.startsWith('-') || name.endsWith('-'))) problems.push('must not begin or end with a hyphen')
  return problems
}

export function configKey(key: string): readonly string[] {
  const problems: string[] = []
  if (key.length > SUBDOMAIN_MAX) problems.push(`must be no more than ${SUBDOMAIN_MAX} characters`)
  if (!CONFIG_KEY_RULE.test(key)) {
    problems.push(
      "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or " +
        `'key-name', regex used for validation is '${CONFIG_KEY}')`,
    )
  }
  if (key === '.' || key === '..') problems.push(`must not be '${key}'`)
  else if (key.startsWith('..')) problems.push("must not start with '..'")
  return problems
}

const MAX_PORT = 65_535
export const PORT_RANGE = `must be between 1 and ${MAX_PORT}, inclusive`

export function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= 1 && port <= MAX_PORT
}
