/**
 * Runs the command lines that documents show. They are a small part of a shell's language, enough for examples: quotes,
 * variables in front, `cat FILE`, pipes between commands, and `> FILE` at the end. `proa` runs in this process, `kubectl` is the one of
 * this machine.
 */
import { spawn, spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { Context } from '../../packages/cli/src/context.ts'
import { run } from '../../packages/cli/src/program.ts'
import { type RunSettings, testContext } from '../../packages/cli/testing/workspace.ts'

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

/** Where commands run. */
export interface Place {
  readonly folder: string
  /** The kubeconfig of a cluster, which is started when it is first asked for. */
  readonly kubeconfig: () => Promise<string>
}

export const hasKubectl = spawnSync('kubectl', ['version', '--client']).status === 0

export function needsKubectl(command: string): boolean {
  return /(?:^|\| )kubectl /.test(command)
}

/** What takes long and comes out the same in every document. */
const known = new Map<string, Promise<Outcome>>()

/** Runs a command line. */
export function runCommandLine(command: string, place: Place): Promise<Outcome> {
  if (!command.startsWith('npm start')) return runWords(wordsOf(command), place)
  const outcome = known.get(command) ?? runWords(wordsOf(command), place)
  known.set(command, outcome)
  return outcome
}

async function runWords(words: readonly string[], place: Place): Promise<Outcome> {
  const redirect = words.indexOf('>')
  const stages = split(redirect === -1 ? words : words.slice(0, redirect), '|')
  let stdin = ''
  let seen = ''
  let code = 0
  for (const [index, stage] of stages.entries()) {
    const result = await runStage(stage, place, stdin)
    const printed = index === stages.length - 1 && redirect === -1
    seen += printed ? result.both : result.stderr
    stdin = result.stdout
    code = result.code
  }
  const file = redirect === -1 ? undefined : words[redirect + 1]
  if (file !== undefined) writeFileSync(join(place.folder, file), stdin)
  return { code, output: seen }
}

interface StageResult {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
  readonly both: string
}

async function runStage(words: readonly string[], place: Place, stdin: string): Promise<StageResult> {
  const env: Record<string, string> = {}
  let [name, ...rest] = words
  while (name !== undefined && /^[A-Z][A-Z0-9_]*=/.test(name)) {
    env[name.slice(0, name.indexOf('='))] = name.slice(name.indexOf('=') + 1)
    ;[name, ...rest] = rest
  }
  if (name === 'cat') {
    const stdout = rest.map((file) => readFileSync(join(place.folder, file), 'utf8')).join('')
    return { code: 0, stdout, stderr: '', both: stdout }
  }
  if (name === 'kubectl') return runKubectl(rest, place, stdin)
  const args = argumentsOfProa([name ?? '', ...rest])
  if (args === undefined) throw new Error(`this command is not known here: ${words.join(' ')}`)
  if (asksCluster(args)) env.KUBECONFIG = await place.kubeconfig()
  return runProa(args, place.folder, { stdin, env })
}

async function runProa(args: readonly string[], folder: string, settings: RunSettings): Promise<StageResult> {
  const output = { stdout: '', stderr: '' }
  let both = ''
  const base = testContext(folder, settings, output)
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

async function runKubectl(args: readonly string[], { folder, kubeconfig }: Place, stdin: string): Promise<StageResult> {
  const env = { PATH: process.env.PATH, HOME: folder, KUBECONFIG: await kubeconfig() }
  const child = spawn('kubectl', args, { cwd: folder, env })
  child.stdin.end(stdin)
  const exit = new Promise<number>((resolve) => child.on('close', (code) => resolve(code ?? 1)))
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), exit])
  return { code, stdout, stderr, both: stdout + stderr }
}

function asksCluster([command = '', ...flags]: readonly string[]): boolean {
  if (['install', 'uninstall', 'tag'].includes(command)) return true
  if (command === 'doctor') return !flags.some((flag) => ['-f', '--message', 'list', 'explain'].includes(flag))
  return flags.some((flag, index) => flag === '--nodes' && flags[index + 1] === 'cluster')
}

function argumentsOfProa(words: readonly string[]): readonly string[] | undefined {
  const [first, second, ...rest] = words
  if (first === 'proa') return words.slice(1)
  if (first === 'npx' && second === 'proa') return rest
  // What the script of package.json runs after the build; the folder as seen from the checkout.
  if (first === 'npm' && second === 'start') return ['start', '--examples', 'examples/local-cluster', ...rest.slice(1)]
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
