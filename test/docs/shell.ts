/**
 * Runs the command lines that documents show. They are a small part of a shell's language, enough for examples: quotes,
 * variables in front, `cat FILE`, pipes between commands, and `> FILE` at the end.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Context } from '../../packages/cli/src/context.ts'
import { run } from '../../packages/cli/src/program.ts'
import { testContext } from '../../packages/cli/testing/workspace.ts'

/** A command as a document shows it: `$ npx proa inject -f x.yaml --check # exit code 1`. */
export interface Example {
  /** Without the prompt and the note about the exit code. */
  readonly command: string
  /** 0 unless the note says otherwise. */
  readonly exitCode: number
  /** The output that is shown. Empty: nothing is claimed. A line `…` stands for any number of lines. */
  readonly output: readonly string[]
  /** 1-based line in the document. */
  readonly line: number
}

const PROMPT = '$ '
const EXIT_CODE = /\s+# (?:exit code|退出码) (\d+)$/

/** The commands of one `console` block. A line that ends with `\` goes on in the next. */
export function examplesOf(lines: readonly string[], firstLine: number): readonly Example[] {
  const examples: { command: string; exitCode: number; output: string[]; line: number }[] = []
  let continued = false
  for (const [index, line] of lines.entries()) {
    const last = examples.at(-1)
    if (continued && last !== undefined) last.command += ` ${line.trim()}`
    else if (line.startsWith(PROMPT)) {
      examples.push({ command: line.slice(PROMPT.length), exitCode: 0, output: [], line: firstLine + index })
    } else if (last === undefined) throw new Error(`line ${firstLine + index}: output without a command`)
    else last.output.push(line)
    const command = examples.at(-1)
    continued = command !== undefined && command.output.length === 0 && command.command.endsWith('\\')
    if (continued && command !== undefined) command.command = command.command.slice(0, -1).trimEnd()
  }
  return examples.map((example) => {
    const note = EXIT_CODE.exec(example.command)
    return { ...example, command: example.command.replace(EXIT_CODE, ''), exitCode: Number(note?.[1] ?? 0) }
  })
}

export interface Outcome {
  readonly code: number
  /** Both streams, as they come on a terminal. */
  readonly output: string
}

/** Runs a command line in a folder. */
export async function runCommandLine(command: string, folder: string): Promise<Outcome> {
  const words = wordsOf(command)
  const redirect = words.indexOf('>')
  const stages = split(redirect === -1 ? words : words.slice(0, redirect), '|')
  let stdin = ''
  let seen = ''
  let code = 0
  for (const [index, stage] of stages.entries()) {
    const result = await runStage(stage, folder, stdin)
    const printed = index === stages.length - 1 && redirect === -1
    seen += printed ? result.both : result.stderr
    stdin = result.stdout
    code = result.code
  }
  const file = redirect === -1 ? undefined : words[redirect + 1]
  if (file !== undefined) writeFileSync(join(folder, file), stdin)
  return { code, output: seen }
}

interface StageResult {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
  readonly both: string
}

async function runStage(words: readonly string[], folder: string, stdin: string): Promise<StageResult> {
  const env: Record<string, string> = {}
  let [name, ...rest] = words
  while (name !== undefined && /^[A-Z][A-Z0-9_]*=/.test(name)) {
    env[name.slice(0, name.indexOf('='))] = name.slice(name.indexOf('=') + 1)
    ;[name, ...rest] = rest
  }
  if (name === 'cat') {
    const stdout = rest.map((file) => readFileSync(join(folder, file), 'utf8')).join('')
    return { code: 0, stdout, stderr: '', both: stdout }
  }
  const args = argumentsOfProa([name ?? '', ...rest])
  if (args === undefined) throw new Error(`this command is not known here: ${words.join(' ')}`)
  const output = { stdout: '', stderr: '' }
  let both = ''
  const base = testContext(folder, { stdin, env }, output)
  const tee = (stream: Context['stdout']): Context['stdout'] => ({
    ...stream,
    write(text) {
      both += text
      stream.write(text)
    },
  })
  const code = await run(args, { ...base, stdout: tee(base.stdout), stderr: tee(base.stderr) })
  return { code, ...output, both }
}

function argumentsOfProa(words: readonly string[]): readonly string[] | undefined {
  const [first, second, ...rest] = words
  if (first === 'proa') return words.slice(1)
  if (first === 'npx' && second === 'proa') return rest
  // What the script of package.json runs after the build; the folder as seen from the checkout.
  if (first === 'npm' && second === 'start') return ['demo', '--examples', 'examples', ...rest.slice(1)]
  return undefined
}

function wordsOf(command: string): readonly string[] {
  return [...command.matchAll(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g)].map(([word]) =>
    word.replaceAll(/"([^"]*)"|'([^']*)'/g, (_whole, double?: string, single?: string) => double ?? single ?? ''),
  )
}

function split(words: readonly string[], at: string): readonly (readonly string[])[] {
  const stages: string[][] = [[]]
  for (const word of words) {
    if (word === at) stages.push([])
    else stages.at(-1)?.push(word)
  }
  return stages
}
