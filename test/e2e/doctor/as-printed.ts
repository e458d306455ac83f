import { execFile } from 'node:child_process'
import type { JsonFinding } from '../../../packages/doctor/src/report/json.ts'
import type { Place } from './case.ts'

/** Types the commands of a finding into a shell. @throws Error with what they said */
export async function asPrinted({ cluster }: Place, finding: JsonFinding): Promise<void> {
  const { commands = [] } = finding.fix ?? {}
  if (commands.length === 0) throw new Error(`${finding.id} prints no command`)
  const env = { ...process.env, KUBECONFIG: cluster.kubeconfig, HOME: cluster.folder }
  for (const command of commands) {
    await new Promise<void>((resolve, reject) => {
      execFile('sh', ['-e', '-c', command], { env }, (error, stdout, stderr) =>
        error === null ? resolve() : reject(new Error(`${command}\n${stdout}${stderr}`, { cause: error })),
      )
    })
  }
}
