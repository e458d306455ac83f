import { join } from 'node:path'
import { createClient, loadKubeConfig } from '@proa/kube-client'
import { startLocalCluster } from '@proa/local-cluster'
import { expect, it, onTestFinished } from 'vitest'
import { applyExamples, readExamples } from '../../../packages/cli/src/local-cluster/apply-examples.ts'
import { injectorRunner } from '../../../packages/cli/src/local-cluster/injector-runner.ts'
import { installInjectors } from '../../../packages/cli/src/local-cluster/install-injectors.ts'
import { standInForIstiod } from '../../../packages/cli/src/local-cluster/stand-in-for-istiod.ts'
import { testContext } from '../../../packages/cli/testing/workspace.ts'
import type { JsonReport } from '../../../packages/doctor/src/report/json.ts'
import { systemClock } from '../../../packages/local-cluster/src/controllers/clock.ts'
import { program } from '../harness/bundle.ts'
import { temporaryFolder } from '../harness/folders.ts'
import { runProa } from '../harness/proa.ts'

const EXAMPLES = join(import.meta.dirname, '../../../examples/local-cluster')

/** What `npm start` shows. */
export function itLooksAtTheExamples(): void {
  it('finds no error in the cluster of the examples', async () => {
    const folder = temporaryFolder()
    onTestFinished(folder.remove)
    // Of what was made a moment ago little can be said.
    const clock = { ...systemClock, now: () => new Date(Date.now() - 5 * 60_000) }
    const kubeconfig = join(folder.path, 'kubeconfig')
    const cluster = await startLocalCluster({ kubeconfig, clock, runContainer: injectorRunner(program()) })
    onTestFinished(cluster.stop)
    const client = createClient(await loadKubeConfig({ kubeconfig, env: {} }))
    onTestFinished(() => client.close())
    await installInjectors(client, { done() {}, kept() {}, waiting() {}, notice() {} })
    const context = testContext(folder.path, {}, { stdout: '', stderr: '' })
    await applyExamples(client, await readExamples(context, EXAMPLES))
    // No namespace comes later.
    await standInForIstiod(client, cluster.ca, AbortSignal.abort())
    await cluster.quiet()
    const { stdout, stderr, code } = await runProa(folder.path, kubeconfig, ['doctor', '-o', 'json'])
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 })
    const { findings, notEvaluated } = JSON.parse(stdout) as JsonReport
    expect(notEvaluated).toEqual([])
    // What the examples are there to show.
    expect(
      findings.flatMap(({ id, severity, object: { name } }) => (severity === 'warn' ? [`${id} ${name}`] : [])),
    ).toEqual(['INJ105 billing', 'INJ114 istio-sidecar-injector-opt-in'])
  })
}
