import { rm } from 'node:fs/promises'
import { type Configuration, loadConfiguration } from '@proa/injector'
import { type JsonObject, labelsOf } from '@proa/kube'
import { createClient, type KubeClient, loadKubeConfig } from '@proa/kube-client'
import { type LocalCluster, startLocalCluster } from '@proa/local-cluster'
import { injectorConfigMapName, meshConfigMapName } from '@proa/manifests'
import { CliError } from '../cli-error.ts'
import type { Context } from '../context.ts'
import { ExitCode } from '../exit-codes.ts'
import type { InputObject } from '../inputs/objects.ts'
import { asCliError } from '../installation/connect.ts'
import { textAt } from '../installation/objects.ts'
import { progressOn } from '../installation/progress.ts'
import { applyExamples, type Example, readExamples } from '../local-cluster/apply-examples.ts'
import { cannotStart } from '../local-cluster/cannot-start.ts'
import { findExamples } from '../local-cluster/find-examples.ts'
import { injectorRunner } from '../local-cluster/injector-runner.ts'
import { DEMONSTRATED, installInjectors } from '../local-cluster/install-injectors.ts'
import { kubeconfigPlace } from '../local-cluster/kubeconfig-place.ts'
import { type ClusterFacts, type PodRow, podRows, podTable } from '../local-cluster/pod-table.ts'
import { standInForIstiod } from '../local-cluster/stand-in-for-istiod.ts'
import { painterFor } from '../output/style.ts'
import { stopSignals } from '../stop-signals.ts'
import type { StartOptions } from './start.ts'

const KUBECONFIG = '.proa/kubeconfig'
const NAMESPACE = 'istio-system'

export async function runStart(context: Context, options: StartOptions): Promise<ExitCode> {
  const folder = options.examples ?? findExamples(import.meta.dirname, context.cwd)
  if (folder === undefined) {
    throw new CliError('the examples folder is not here', {
      hint: 'Run it in a checkout, or give --examples DIRECTORY.',
    })
  }
  const objects = await readExamples(context, folder)
  const kubeconfig = await kubeconfigPlace(context, options.kubeconfig ?? KUBECONFIG)
  const cluster = await startLocalCluster({
    kubeconfig,
    runContainer: injectorRunner(),
    ...(options.port === undefined ? {} : { port: options.port }),
  }).catch((error: unknown) => {
    throw cannotStart(error)
  })
  const connection = await loadKubeConfig({ kubeconfig, env: {} })
  const client = createClient(connection)
  // From now on there are processes and files that must not be left behind.
  const signals = stopSignals()
  const ending = new AbortController()
  try {
    const interrupted = signals.next().then(() => undefined)
    const shown = demonstrate(context, cluster, client, { folder, objects, ending: ending.signal })
    const rows = await Promise.race([shown, interrupted])
    if (rows === undefined) return ExitCode.Unmet
    if (options.once !== true) {
      context.stdout.write(whatToTry(kubeconfig, rows))
      await interrupted
    }
    return rows.every(({ asExpected }) => asExpected) ? ExitCode.Success : ExitCode.Unmet
  } catch (error) {
    throw asCliError(error)
  } finally {
    // A second signal ends the process in the usual way.
    signals.release()
    ending.abort()
    client.close()
    await cluster.stop()
    // It leads nowhere any more.
    await rm(kubeconfig, { force: true })
  }
}

interface Demonstration {
  readonly folder: string
  readonly objects: readonly InputObject[]
  readonly ending: AbortSignal
}

async function demonstrate(
  context: Context,
  cluster: LocalCluster,
  client: KubeClient,
  { folder, objects, ending }: Demonstration,
): Promise<readonly PodRow[]> {
  const progress = progressOn(context)
  progress.done(`local cluster at ${cluster.url} (in this process, in memory, not for production)`)
  await installInjectors(client, progress)
  const examples = await applyExamples(client, objects)
  await standInForIstiod(client, cluster.ca, ending)
  await cluster.quiet()
  progress.done(`${examples.length} workloads of ${folder} applied`)
  const rows = podRows(examples, await everything(client), await factsOf(client))
  const paint = painterFor(context.stdout, context.env)
  context.stdout.write(`\n${podTable(rows, paint)}\n${summary(examples, rows)}\n`)
  const without = examples.filter(({ object }) => !rows.some((row) => belongsTo(row, object)))
  for (const { object } of without) {
    progress.notice(`${textAt(object, 'kind')} ${textAt(object, 'metadata', 'name')} has no Pod`)
  }
  if (without.length > 0) throw new CliError('not every workload got its Pods', { exitCode: ExitCode.Unmet })
  return rows
}

function belongsTo({ namespace, kind, workload }: PodRow, object: JsonObject): boolean {
  const metadata = (key: string): string => textAt(object, 'metadata', key)
  return metadata('namespace') === namespace && metadata('name') === workload && textAt(object, 'kind') === kind
}

/** Everything between a workload and its Pods. */
async function everything(client: KubeClient): Promise<readonly JsonObject[]> {
  const kinds = [
    ['v1', 'Pod'],
    ['apps/v1', 'ReplicaSet'],
    ['batch/v1', 'Job'],
  ] as const
  const lists = await Promise.all(kinds.map(([apiVersion, kind]) => client.list({ apiVersion, kind })))
  return lists.flatMap(({ items }, index) =>
    items.map((item) => ({ ...item, apiVersion: kinds[index]?.[0] ?? '', kind: kinds[index]?.[1] ?? '' })),
  )
}

async function factsOf(client: KubeClient): Promise<ClusterFacts> {
  const [webhooks, namespaces, nodes] = await Promise.all([
    client.list({ apiVersion: 'admissionregistration.k8s.io/v1', kind: 'MutatingWebhookConfiguration' }),
    client.list({ apiVersion: 'v1', kind: 'Namespace' }),
    client.list({ apiVersion: 'v1', kind: 'Node' }),
  ])
  const configurations = new Map<string, Configuration>()
  for (const { revision = '' } of DEMONSTRATED) {
    configurations.set(revision, await configurationOf(client, revision, nodes.items))
  }
  return {
    webhooks: webhooks.items,
    namespaces: new Map(namespaces.items.map((each) => [textAt(each, 'metadata', 'name'), labelsOf(each)])),
    configurations,
  }
}

/** From the ConfigMaps, as the injector reads them. */
async function configurationOf(
  client: KubeClient,
  revision: string,
  nodes: readonly JsonObject[],
): Promise<Configuration> {
  const read = async (name: string, key: string): Promise<{ source: string; text: string }> => {
    const map = await client.get({ apiVersion: 'v1', kind: 'ConfigMap', namespace: NAMESPACE, name })
    return { source: `ConfigMap ${name}, ${key}`, text: textAt(map, 'data', key) }
  }
  return loadConfiguration(
    {
      config: await read(injectorConfigMapName(revision), 'config'),
      values: await read(injectorConfigMapName(revision), 'values'),
      mesh: await read(meshConfigMapName(revision), 'mesh'),
    },
    { revision, nodes },
  )
}

function summary(examples: readonly Example[], rows: readonly PodRow[]): string {
  const injected = rows.filter((row) => row.injected).length
  const surprises = rows.filter((row) => !row.asExpected).length
  const verdict = surprises === 0 ? 'everything as expected' : `${surprises} not as expected`
  return `${rows.length} Pods of ${examples.length} workloads: ${injected} injected, ${rows.length - injected} skipped; ${verdict}.`
}

function whatToTry(kubeconfig: string, rows: readonly PodRow[]): string {
  const first = rows.find(({ injected }) => injected)
  const pod = first === undefined ? 'pods' : `pod ${first.pod}`
  return [
    '',
    'The cluster runs until Ctrl-C. In another terminal:',
    '',
    `  export KUBECONFIG=${kubeconfig}`,
    '  kubectl get pods -A',
    `  kubectl -n ${first?.namespace ?? 'shop'} get ${pod} -o yaml`,
    '  kubectl -n sandbox run mine --image=registry.example/mine --labels=sidecar.istio.io/inject=true',
    '',
  ].join('\n')
}
