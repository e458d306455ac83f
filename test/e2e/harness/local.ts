import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { KubeConfig } from '@kubernetes/client-node'
import type { JsonObject } from '@proa/kube'
import { createClient, loadKubeConfig } from '@proa/kube-client'
import {
  type ContainerRunner,
  type LocalCluster,
  type LocalClusterOptions,
  startLocalCluster,
} from '@proa/local-cluster'
import { injectorName, LABEL } from '@proa/manifests'
import { injectorRunner } from '../../../packages/cli/src/local-cluster/injector-runner.ts'
import { program } from './bundle.ts'
import type { Cluster, Injector } from './cluster.ts'
import { temporaryFolder } from './folders.ts'
import { type Listening, listeningIn, logLine } from './log-lines.ts'
import { ownObjects } from './own-objects.ts'
import { runProa } from './proa.ts'
import { untilAll } from './until.ts'

const POD = { apiVersion: 'v1', kind: 'Pod' }

/** A Pod of the injector and the process behind it. */
interface Replica {
  readonly namespace: string
  readonly name: string
  readonly revision: string
  readonly log: JsonObject[]
  readonly exited: Promise<number>
  listening: Listening | undefined
  hasEnded: boolean
}

/** The cluster of the tests, and the same as what it is. */
export interface Local extends Cluster {
  readonly cluster: LocalCluster
}

/** The local cluster of this repository, in this process. */
export async function startLocal(options: Pick<LocalClusterOptions, 'clock' | 'data' | 'proxy'> = {}): Promise<Local> {
  const folder = temporaryFolder()
  const replicas: Replica[] = []
  const kubeconfig = join(folder.path, 'kubeconfig')
  const cluster = await startLocalCluster({ ...options, kubeconfig, runContainer: recording(replicas) })
  writeFileSync(kubeconfig, cluster.kubeconfig)
  const client = createClient(await loadKubeConfig({ kubeconfig, env: {} }))
  const official = new KubeConfig()
  official.loadFromFile(kubeconfig)
  const own = ownObjects(client)
  const running = (wanted: string) =>
    replicas.filter(({ revision, listening, hasEnded }) => revision === wanted && listening !== undefined && !hasEnded)
  return {
    cluster,
    title: 'the local cluster',
    lacks: { audit: 'keeps no audit log' },
    kubeconfig,
    folder: folder.path,
    client,
    official,
    namespace: 'istio-system',
    revision: 'default',
    flags: [],
    injected: { 'istio-injection': 'enabled' },
    address: '127.0.0.1',
    ...own,
    proa: (...args) => runProa(folder.path, kubeconfig, args),
    injectors: () => running('default').map(injectorOf),
    async runInjectors(count, revision = 'default') {
      // The cluster's own kubelet starts them.
      const pods = { ...POD, namespace: 'istio-system', labelSelector: `${LABEL.instance}=${injectorName(revision)}` }
      await untilAll(client, pods, `${count} injectors that are ready`, (all) => all.filter(isReady).length === count)
      return running(revision).map(injectorOf)
    },
    webhookUrl: (port) => `https://127.0.0.1:${port}`,
    auditAnnotations: () => Promise.reject(new Error('there is no audit log')),
    async stop() {
      client.close()
      await cluster.stop()
      folder.remove()
    },
  }

  function injectorOf(replica: Replica): Injector {
    const { namespace, name, log, exited, listening } = replica
    return {
      name,
      log,
      exited,
      statusUrl: listening?.statusUrl ?? '',
      remove: async () => void (await client.delete({ ...POD, namespace, name })),
      kill: () => void process.kill(listening?.pid ?? Number.NaN, 'SIGKILL'),
    }
  }
}

function isReady(pod: JsonObject): boolean {
  const { conditions = [] } = (pod.status ?? {}) as { conditions?: readonly { type: string; status: string }[] }
  return conditions.some(({ type, status }) => type === 'Ready' && status === 'True')
}

/** The runner of `proa start`, with a look at what it starts. */
function recording(known: Replica[]): ContainerRunner {
  const runner = injectorRunner(program())
  return {
    knows: runner.knows,
    run(container, pod, environment) {
      const { name, namespace, labels } = pod.metadata as {
        name: string
        namespace: string
        labels: Record<string, string>
      }
      const log: JsonObject[] = []
      const hear = (line: string): void => {
        const parsed = logLine(line)
        log.push(parsed)
        replica.listening ??= listeningIn(parsed)
        environment.log(line)
      }
      const started = runner.run(container, pod, { ...environment, log: hear })
      const replica: Replica = {
        name,
        namespace,
        revision: labels[LABEL.revision] ?? '',
        log,
        exited: started.exited,
        listening: undefined,
        hasEnded: false,
      }
      known.push(replica)
      void started.exited.then(() => {
        replica.hasEnded = true
      })
      return started
    },
  }
}
