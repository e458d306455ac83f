/** What Markdown and GitHub's additions would take for more than text. */
const special = /[\\`*_{}[\]<>()#+!|~@$]/g
/** A list, a heading or a rule at the beginning of a line, and an issue number. */
const atStart = /^(\s*)([-=:]|\d+[.)])/

/** Text as itself, in one line. `@` is written so that nobody is called. */
export function markdownText(text: string): string {
  return text
    .replace(/\s*\n\s*/g, ' ')
    .replace(special, (character) =>
      character === '@' || character === '<' ? `&#${character.charCodeAt(0)};` : `\\${character}`,
    )
    .replace(atStart, '$1\\$2')
}

/** A code span that can hold backticks. In a cell of a table a bar would end the cell even so. */
export function markdownCode(text: string): string {
  const line = text.replace(/\s*\n\s*/g, ' ')
  if (line.includes('|')) return `<code>${html(line)}</code>`
  const longest = Math.max(0, ...[...line.matchAll(/`+/g)].map(([run]) => run.length))
  const fence = '`'.repeat(longest + 1)
  return line === '' ? '' : longest === 0 ? `\`${line}\`` : `${fence} ${line} ${fence}`
}

function html(text: string): string {
  return text.replace(/[&<>|`*_@[\]\\~]/g, (character) => `&#${character.charCodeAt(0)};`)
}

/** A block that its text cannot end. */
export function markdownBlock(text: string, language = ''): readonly string[] {
  const longest = Math.max(2, ...[...text.matchAll(/`{3,}/g)].map(([run]) => run.length))
  const fence = '`'.repeat(longest + 1)
  return [`${fence}${language}`, ...text.split('\n'), fence]
}
