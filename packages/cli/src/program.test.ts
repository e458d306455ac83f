import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { workspace } from '../testing/workspace.ts'

const COMMANDS = [
  ...[
    '',
    'start',
    'inject',
    'uninject',
    'explain',
    'doctor',
    'install',
    'uninstall',
    'manifests',
    'webhook',
    'local-cluster',
  ],
  ...[
    'tag',
    'tag set',
    'tag list',
    'tag generate',
    'tag remove',
    'doctor list',
    'doctor explain',
    'doctor snapshot',
    'completion',
    'version',
  ],
]

describe('proa', () => {
  it.each(COMMANDS.map((command) => [command]))('prints its help: %s', async (command) => {
    const result = await workspace().proa([...command.split(' ').filter(Boolean), '--help'])
    expect(result).toMatchObject({ code: 0, stderr: '' })
    expect(result.stdout).toMatchSnapshot()
  })

  it('shows its help and fails when nothing is asked for', async () => {
    const result = await workspace().proa([])
    expect(result).toMatchObject({ code: 64, stdout: '' })
    expect(result.stderr).toContain('Usage: proa')
  })

  it('prints its version', async () => {
    expect((await workspace().proa(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
    expect((await workspace().proa(['version'])).stdout).toMatch(/^proa \d+\.\d+\.\d+, Node\.js \d+/)
    const json: unknown = JSON.parse((await workspace().proa(['version', '-o', 'json'])).stdout)
    expect(json).toEqual({ version: expect.stringMatching(/^\d/), node: process.versions.node })
  })

  it.each([
    [['inject', '--vluesFile', 'x'], "unknown option '--vluesFile'\n(Did you mean --valuesFile?)"],
    [['explian'], "unknown command 'explian'\n(Did you mean explain?)"],
    [['explain', '-f', 'x', '--expect', 'maybe'], 'Allowed choices are injected, skipped.'],
    [['inject', '-f', 'x', '--workload', 'Job'], 'Write it as Kind=path or Kind.group=path'],
    [['inject', '-f', 'x', '--injectConfigMapName', 'y'], 'kubectl get configmap NAME -o yaml'],
    [['inject', 'x.yaml'], 'too many arguments'],
    [['inject'], 'there is nothing to read\n  Give manifests with -f FILE'],
    [['inject', '-f', '-', '--in-place'], 'standard input cannot be written back'],
    [['inject', '-f', 'x', '--in-place', '-o', 'y'], '--in-place and --output exclude each other'],
  ])('refuses %j with exit code 64', async (args, message) => {
    const result = await workspace().proa(args)
    expect(result).toMatchObject({ code: 64, stdout: '' })
    expect(result.stderr).toContain(message)
  })
})

describe('proa completion', () => {
  it.each(['bash', 'zsh', 'fish'])('prints a script for %s with every command and flag', async (shell) => {
    const { stdout, code } = await workspace().proa(['completion', shell])
    expect(code).toBe(0)
    for (const word of ['inject', 'explain', 'valuesFile', 'mermaid']) expect(stdout).toContain(word)
  })

  it('completes in bash', async () => {
    const { folder, proa } = workspace()
    writeFileSync(join(folder, 'completion'), (await proa(['completion', 'bash'])).stdout)
    const complete = (line: string[]) => {
      const words = line.map((word) => `'${word}'`).join(' ')
      const script = `source ./completion; COMP_WORDS=(${words}); COMP_CWORD=${line.length - 1}; _proa; echo "\${COMPREPLY[@]}"`
      return execFileSync('bash', ['-c', script], { cwd: folder, encoding: 'utf8' }).trim()
    }
    expect(complete(['proa', 'ex'])).toBe('explain')
    expect(complete(['proa', 'explain', '--lang', 'z'])).toBe('zh')
    expect(complete(['proa', 'inject', '--dif'])).toBe('--diff')
    expect(complete(['proa', 'inject', '-f', 'comp'])).toBe('completion')
  })
})
