/** The documents stay true: their commands run and print what is shown, their links lead somewhere, nothing is left out. */
import { existsSync, globSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createMetrics } from '@proa/webhook'
import { describe, expect, it } from 'vitest'
import { createProgram } from '../../packages/cli/src/program.ts'
import { testContext } from '../../packages/cli/testing/workspace.ts'
import { decisionEnglish } from '../../packages/injector/src/text/decision.en.ts'
import { decisionChinese } from '../../packages/injector/src/text/decision.zh.ts'
import { clusterOnDemand } from './cluster.ts'
import { documentWorkspace, ROOT, read } from './cluster-files.ts'
import { anchorsOf, blocksOf, linksOf, proseOf, sectionsOf } from './markdown.ts'
import { type Example, examplesOf, hasKubectl, needsKubectl, runCommandLine } from './shell.ts'
import { wrongLine } from './shown-output.ts'

/** Milliseconds. Some start a cluster and install injectors into it. */
const LONGEST_DOCUMENT = 180_000

const documents = globSync(['*.md', 'docs/**/*.md'], { cwd: fileURLToPath(ROOT) })
  .map((file) => file.replaceAll('\\', '/'))
  .sort()

function examplesIn(document: string): readonly Example[] {
  const consoles = blocksOf(read(document)).filter(({ language }) => language === 'console')
  return consoles.flatMap(({ lines, line }) => examplesOf(lines, line))
}

it.each(documents.filter((document) => examplesIn(document).length > 0))(
  '%s shows commands that run, and what they print',
  async (document) => {
    const { folder } = documentWorkspace()
    const place = { folder, kubeconfig: clusterOnDemand(folder) }
    for (const { command, exitCode, output, line } of examplesIn(document)) {
      if (!hasKubectl && needsKubectl(command)) continue
      const result = await runCommandLine(command, place)
      const where = `${document}:${line} $ ${command}`
      expect({ where, exitCode: result.code }, result.output).toEqual({ where, exitCode })
      const wrong = output.length === 0 ? undefined : wrongLine(output, result.output)
      expect(wrong, `${where}: this line is not printed there:\n${result.output}`).toBeUndefined()
    }
  },
  LONGEST_DOCUMENT,
)

if (!hasKubectl) it.skip('the commands of the documents that need it (skipped: kubectl is not on PATH)', () => {})

describe.each(documents)('%s', (document) => {
  const text = read(document)

  it('links to what exists', () => {
    for (const { target, line } of linksOf(text)) {
      if (/^[a-z]+:/.test(target)) continue
      const [path = '', anchor] = target.split('#')
      const file = path === '' ? document : normalize(join(dirname(document), path))
      expect(existsSync(new URL(file, ROOT)), `${document}:${line} ${target}`).toBe(true)
      if (anchor !== undefined) expect([...anchorsOf(read(file))], `${document}:${line}`).toContain(anchor)
    }
  })

  it('names no place of one machine', () => {
    expect(text).not.toMatch(/(?:^|[\s(`"'])\/(?:work|home|root|Users)\//)
  })
})

describe('documents in two languages', () => {
  const commandsOf = (document: string): readonly string[] =>
    blocksOf(read(document)).flatMap(({ language, lines, line }): readonly string[] => {
      if (language === 'console')
        return examplesOf(lines, line).map(({ command, exitCode }) => `${command} # ${exitCode}`)
      // Comments may be translated.
      return language === 'sh' ? lines.map((text) => text.replace(/\s+#.*$/, '')) : []
    })

  it.each(['README', 'docs/doctor'])('show the same commands: %s', (document) => {
    expect(commandsOf(`${document}.zh-CN.md`)).toEqual(commandsOf(`${document}.md`))
  })

  it('begin with the two commands that a newcomer needs: README', () => {
    for (const document of ['README.md', 'README.zh-CN.md']) {
      const [first] = blocksOf(read(document))
      expect(first?.lines.map((line) => line.replace(/\s+#.*$/, ''))).toEqual([
        'npm install && npm start',
        'npm install && npm test',
      ])
    }
  })
})

describe('docs/cli.md', () => {
  const text = read('docs/cli.md')
  const sections = sectionsOf(text)
  const context = testContext('.', {}, { stdout: '', stderr: '' })
  const { commands, options } = createProgram(context, () => undefined)
  const withSubcommands = commands.flatMap((command) => [command, ...command.commands])
  const flags = new Set(
    [...options, ...withSubcommands.flatMap((one) => one.options)].flatMap(({ long }) => long ?? []),
  )

  /** The section of a command, and those that it says to share with others. */
  const told = (command: string): string => {
    const own = sections.get(`proa-${command}`) ?? ''
    const shared = linksOf(own).flatMap(({ target }) =>
      target.startsWith('#') ? (sections.get(target.slice(1)) ?? '') : '',
    )
    return [own, ...shared].join('\n')
  }

  it.each(commands.map((command) => command.name()))('describes the command %s with each of its flags', (name) => {
    expect(sections.has(`proa-${name}`)).toBe(true)
    const command = commands.find((one) => one.name() === name)
    const all = [command, ...(command?.commands ?? [])].flatMap((one) => one?.options ?? [])
    const visible = all.filter(({ hidden }) => !hidden).flatMap(({ long, short }) => [long, short])
    const missing = visible.filter((flag) => flag && !new RegExp(`\`${flag}[\` ]`).test(told(name)))
    expect(missing).toEqual([])
  })

  it('describes every subcommand', () => {
    for (const command of commands) {
      for (const { name } of command.commands.map((one) => ({ name: one.name() }))) {
        expect(told(command.name())).toContain(`\`proa ${command.name()} ${name}`)
      }
    }
  })

  it('describes no flag that does not exist', () => {
    const mentioned = [
      ...proseOf(text)
        .join('\n')
        .matchAll(/(?<=[\s`(])--[A-Za-z][A-Za-z-]*/g),
    ].map(([flag]) => flag)
    expect(mentioned.filter((flag) => !flags.has(flag) && flag !== '--help')).toEqual([])
  })
})

describe('docs/webhook.md', () => {
  it('describes each metric, and none that does not exist', async () => {
    const own = [...(await createMetrics().text()).matchAll(/^# HELP (\S+)/gm)]
      .map(([, name = '']) => name)
      .filter((name) => !/^(?:process|nodejs)_/.test(name))
    expect(own.length).toBeGreaterThan(10)
    const mentioned =
      read('docs/webhook.md').match(/\b(?:proa_webhook|proa_doctor|sidecar_injection|webhook_patch)_\w+/g) ?? []
    expect([...new Set(mentioned)].sort()).toEqual(own.sort())
  })
})

describe('docs/explain.md', () => {
  const text = read('docs/explain.md')

  it.each(Object.keys(decisionEnglish.reasons))('gives the sentences of the reason %s', (reason) => {
    const known = reason as keyof typeof decisionEnglish.reasons
    expect(text).toContain(`| \`${reason}\` | ${decisionEnglish.reasons[known]} | ${decisionChinese.reasons[known]} |`)
  })

  it.each(Object.keys(decisionEnglish.questions))('gives the question of the step %s', (step) => {
    const known = step as keyof typeof decisionEnglish.questions
    expect(text).toContain(`\`${step}\` | ${decisionEnglish.questions[known]} | ${decisionChinese.questions[known]} |`)
  })
})

it('docs/explain.md gives every sentence about webhooks that needs no names', () => {
  const source = read('packages/injector/src/text/webhooks.ts')
  const sentences = [...source.matchAll(/^ {4}'([a-z-]+)': (?:\(\) => )?\s*'([^']+)',$/gm)].map(([, code, text]) => ({
    code,
    text,
  }))
  expect(sentences.length).toBeGreaterThan(20)
  const rows = read('docs/explain.md').split('\n')
  const missing = sentences.filter(
    ({ code, text }) => !rows.some((row) => row.startsWith(`| \`${code}\` |`) && row.includes(` ${text} |`)),
  )
  expect(missing).toEqual([])
})

describe('docs/architecture.md', () => {
  const text = read('docs/architecture.md')
  const titles = new Map(
    [...text.matchAll(/^ {2}(\w+)\["([\w-]+)"\]$/gm)].map(([, id = '', title = '']) => [id, title]),
  )
  const arrows = [...text.matchAll(/^ {2}(\w+) --> (\w+)$/gm)].map(([, from = '', to = '']) => ({ from, to }))
  const drawn = (name: string) =>
    arrows.flatMap(({ from, to }) => (titles.get(from) === name ? (titles.get(to) ?? to) : [])).sort()

  it('draws the walls that tools/check-imports.ts holds', () => {
    const walls = [
      ...read('tools/check-imports.ts').matchAll(
        /^ {2}'?([a-z-]+)'?: \{\s*pure: (\w+),\s*imports: \[([^\]]*)\],?\s*\}/gm,
      ),
    ]
    expect(walls.length).toBe(globSync('packages/*/package.json', { cwd: fileURLToPath(ROOT) }).length)
    for (const [, name = '', pure, list = ''] of walls) {
      const imports = [...list.matchAll(/'([^']+)'/g)].map(([, each]) => `\`${each}\``).join(', ')
      expect(text).toContain(`| \`${name}\` | ${pure === 'true' ? 'yes' : 'no'} | ${imports} |`)
      expect(drawn(name)).toEqual([...list.matchAll(/'@proa\/([^']+)'/g)].map(([, each]) => each))
    }
  })
})
