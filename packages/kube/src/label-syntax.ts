/**
 * The syntax of label keys and values, with the messages of Kubernetes 1.36
 * (apimachinery `pkg/api/validate/content`).
 */
import { utf8Length } from './go-text.ts'

const NAME_FORMAT = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]'
const NAME = new RegExp(`^${NAME_FORMAT}$`)
const NAME_MAX = 63
const NAME_RULE =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character " +
  `(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '${NAME_FORMAT}')`

const VALUE_FORMAT = `(${NAME_FORMAT})?`
const VALUE = new RegExp(`^${VALUE_FORMAT}$`)
const VALUE_RULE =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and " +
  "end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', " +
  `regex used for validation is '${VALUE_FORMAT}')`

const DNS_LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?'
const SUBDOMAIN_FORMAT = `${DNS_LABEL}(\\.${DNS_LABEL})*`
const SUBDOMAIN = new RegExp(`^${SUBDOMAIN_FORMAT}$`)
const SUBDOMAIN_MAX = 253
const SUBDOMAIN_RULE =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and " +
  `end with an alphanumeric character (e.g. 'example.com', regex used for validation is '${SUBDOMAIN_FORMAT}')`

/** What is wrong with a label key (`[prefix/]name`); `[]` when nothing is. */
export function labelKeyProblems(key: string): string[] {
  const parts = key.split('/')
  if (parts.length > 2) {
    return [`a valid label key ${NAME_RULE} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`]
  }
  const name = parts.at(-1) ?? ''
  const problems = parts.length === 2 ? prefixProblems(parts[0] ?? '') : []
  if (name === '') problems.push('name part must be non-empty')
  else if (utf8Length(name) > NAME_MAX) problems.push(`name part must be no more than ${NAME_MAX} bytes`)
  if (!NAME.test(name)) problems.push(`name part ${NAME_RULE}`)
  return problems
}

function prefixProblems(prefix: string): string[] {
  if (prefix === '') return ['prefix part must be non-empty']
  const problems: string[] = []
  if (utf8Length(prefix) > SUBDOMAIN_MAX) problems.push(`prefix part must be no more than ${SUBDOMAIN_MAX} bytes`)
  if (!SUBDOMAIN.test(prefix)) problems.push(`prefix part ${SUBDOMAIN_RULE}`)
  return problems
}

/** What is wrong with a label value; `[]` when nothing is. */
export function labelValueProblems(value: string): string[] {
  const problems: string[] = []
  if (utf8Length(value) > NAME_MAX) problems.push(`must be no more than ${NAME_MAX} bytes`)
  if (!VALUE.test(value)) problems.push(VALUE_RULE)
  return problems
}
