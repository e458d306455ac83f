import { execFile } from 'node:child_process'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { JsonFinding } from '../../../packages/doctor/src/report/json.ts'
import { program } from '../harness/bundle.ts'
import type { Place } from './case.ts'

/** Types the commands of a finding into a shell that knows kubectl and proa. @throws Error with what they said */
export async function asPrinted({ cluster }: Place, finding: JsonFinding): Promise<void> {
  const { commands = [] } = finding.fix ?? {}
  if (commands.length === 0) throw new Error(`${finding.id} prints no command`)
  const bin = join(cluster.folder, 'bin')
  mkdirSync(bin, { recursive: true })
  const words = [process.execPath, ...program()].map((word) => `'${word}'`).join(' ')
  writeFileSync(join(bin, 'proa'), `#!/bin/sh\nexec ${words} "$@"\n`)
  chmodSync(join(bin, 'proa'), 0o755)
  const env = {
    ...process.env,
    KUBECONFIG: cluster.kubeconfig,
    HOME: cluster.folder,
    PATH: [bin, process.env.PATH ?? ''].join(delimiter),
  }
  for (const command of commands) {
    await new Promise<void>((resolve, reject) => {
      execFile('sh', ['-e', '-c', command], { env }, (error, stdout, stderr) =>
        error === null ? resolve() : reject(new Error(`${command}\n${stdout}${stderr}`, { cause: error })),
      )
    })
  }
}
