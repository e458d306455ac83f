import { run } from '../../../packages/cli/src/program.ts'
import { testContext } from '../../../packages/cli/testing/workspace.ts'

export interface ProaResult {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs `proa` in this process, for the cluster of a kubeconfig. */
export async function runProa(folder: string, kubeconfig: string, args: readonly string[]): Promise<ProaResult> {
  const output = { stdout: '', stderr: '' }
  const code = await run(args, testContext(folder, { env: { KUBECONFIG: kubeconfig } }, output))
  return { code, ...output }
}
