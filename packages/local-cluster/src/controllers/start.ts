import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ApiUser, ClusterApi, ResourceType } from '../api/types.ts'
import { createKubelet, type Kubelet } from '../kubelet/kubelet.ts'
import { type NodeFacts, registerNode } from '../kubelet/node.ts'
import type { ApiServerAddress } from '../kubelet/pod-files.ts'
import { type PodLog, podLogOf } from '../kubelet/pod-log.ts'
import { scheduler } from '../kubelet/scheduler.ts'
import type { ContainerRunner } from '../kubelet/types.ts'
import type { ClusterNetwork } from '../network/network.ts'
import { createActivity } from './activity.ts'
import { type Clock, systemClock } from './clock.ts'
import {
  type ClusterFacts,
  type Controller,
  type ControllerLog,
  type ControllerTools,
  controllerUser,
  ENDPOINT_SLICE,
  isKind,
} from './controller.ts'
import { daemonSetController } from './daemon-set.ts'
import { definitionController } from './definitions.ts'
import { deploymentController } from './deployment/deployment.ts'
import { disruptionController } from './disruption.ts'
import { createRecorder } from './events/recorder.ts'
import { garbageCollector } from './garbage/collector.ts'
import { cronJobController } from './jobs/cron-job.ts'
import { jobController } from './jobs/job.ts'
import { ttlController } from './jobs/ttl.ts'
import { rootCaPublisher, serviceAccountController } from './namespaces/contents.ts'
import { kindOf, namespaceController } from './namespaces/deletion.ts'
import { replicaSetController, replicationController } from './replica-set.ts'
import { asManager, type RunningController, runController } from './run.ts'
import { endpointSliceController } from './services/endpoint-slices.ts'
import { endpointsController } from './services/endpoints.ts'
import { statefulSetController } from './stateful-set.ts'

export interface ControllersOptions {
  readonly api: ClusterApi
  readonly network: ClusterNetwork
  /** All kinds that the API serves. */
  readonly resources: () => readonly ResourceType[]
  /** PEM of the API server's CA. */
  readonly rootCa: string
  readonly nodes: readonly NodeFacts[]
  /** `v1.36.0`: what the Nodes say of themselves. */
  readonly version: string
  readonly clock?: Clock
  /** Containers that really run; without it all are only marked as running. */
  readonly runner?: ContainerRunner
  /** Needed with `runner`: where those containers find the API server. */
  readonly apiServer?: ApiServerAddress
  readonly log?: ControllerLog
}

export interface Controllers {
  /** Resolves when nothing is under way: all that was asked for is done, or waits for its time. */
  quiet(): Promise<void>
  /** What `kubectl logs` shows; undefined when no Node has that container. */
  podLog: PodLog
  /** Stops all controllers, and the processes of Pods. */
  stop(): Promise<void>
}

type Factory = (tools: ControllerTools, facts: ClusterFacts) => Controller

/** The event source of each, where it is not its name. */
const FACTORIES: readonly (readonly [name: string, factory: Factory, component?: string])[] = [
  ['namespace-controller', namespaceController],
  ['service-account-controller', serviceAccountController],
  ['root-ca-cert-publisher', rootCaPublisher],
  ['deployment-controller', deploymentController],
  ['replicaset-controller', replicaSetController],
  ['replication-controller', replicationController],
  ['statefulset-controller', statefulSetController],
  ['daemon-set-controller', daemonSetController, 'daemonset-controller'],
  ['job-controller', jobController],
  ['cronjob-controller', cronJobController],
  ['ttl-after-finished-controller', ttlController],
  ['endpoint-controller', endpointsController],
  ['endpointslice-controller', endpointSliceController, 'endpoint-slice-controller'],
  ['disruption-controller', disruptionController, 'controllermanager'],
  ['generic-garbage-collector', garbageCollector],
  ['customresourcedefinition-finalizer', definitionController],
]

/** Starts everything that makes a store of objects a cluster. */
export async function startControllers(options: ControllersOptions): Promise<Controllers> {
  const clock = options.clock ?? systemClock
  const log = options.log ?? (() => {})
  const activity = createActivity()
  const facts: ClusterFacts = { rootCa: options.rootCa, resources: options.resources }
  let events = 0
  const serial = () => {
    events += 1
    return events
  }
  const directory = await mkdtemp(join(tmpdir(), 'local-cluster-pods-'))

  const toolsFor = (user: ApiUser, manager: string, component: string, host?: string): ControllerTools => {
    const api = asManager(options.api.as(user), manager)
    const recorder = createRecorder({
      api,
      clock,
      activity,
      component,
      serial,
      ...(host === undefined ? {} : { host }),
    })
    return { api, clock, recorder, activity, log }
  }
  const run = (controller: Controller): RunningController =>
    runController(controller, {
      api: options.api,
      clock,
      activity,
      log,
      allKinds: () => options.resources().map(kindOf),
    })

  const running: RunningController[] = []
  const kubelets: Kubelet[] = []
  let endMending = () => {}
  const stop = async (): Promise<void> => {
    endMending()
    await Promise.all(running.map((controller) => controller.stop()))
    await rm(directory, { recursive: true, force: true })
  }
  for (const [name, factory, component] of FACTORIES) {
    const tools = toolsFor(controllerUser(name), 'kube-controller-manager', component ?? name)
    running.push(run(factory(tools, facts)))
  }
  running.push(run(scheduler(toolsFor(SCHEDULER, 'kube-scheduler', 'default-scheduler'))))
  for (const node of options.nodes) {
    const tools = toolsFor(nodeUser(node), 'kubelet', 'kubelet', node.name)
    await registerNode(tools.api, node, clock, options.version).catch(async (error: unknown) => {
      await stop()
      throw error
    })
    const wake: { call: (key: string) => void } = { call: () => {} }
    const kubelet = createKubelet({
      tools,
      node,
      network: options.network,
      runner: options.runner,
      apiServer: options.apiServer,
      directory,
      id: randomUUID,
      wake: (key) => wake.call(key),
    })
    const started = run(kubelet.controller)
    wake.call = started.add
    kubelets.push(kubelet)
    running.push(started)
  }
  endMending = retryWhenMended(options.api, running)
  return { quiet: activity.quiet, podLog: podLogOf(kubelets), stop }
}

const SCHEDULER: ApiUser = { username: 'system:kube-scheduler', groups: ['system:authenticated'] }

function nodeUser(node: NodeFacts): ApiUser {
  return { username: `system:node:${node.name}`, groups: ['system:nodes', 'system:authenticated'] }
}

const CONFIGURATIONS = [
  'MutatingWebhookConfiguration',
  'ValidatingWebhookConfiguration',
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionPolicyBinding',
]

/** What admission refused may pass when its configuration or the way to the webhook has changed: nobody has to wait. */
function retryWhenMended(api: ClusterApi, running: readonly RunningController[]): () => void {
  return api.onChange(({ object }) => {
    const mends = isKind(object, ENDPOINT_SLICE) || CONFIGURATIONS.includes(String(object.kind))
    if (mends) for (const controller of running) controller.retryNow()
  })
}
