import { join } from 'node:path'
import type { JsonObject } from '@proa/kube'
import { timestamp } from '../controllers/clock.ts'
import { type Controller, type ControllerTools, isKind, type Kind, POD } from '../controllers/controller.ts'
import {
  at,
  isBeingDeleted,
  keyOf,
  nameOf,
  namespaceOf,
  numberAt,
  objectAt,
  objectsAt,
  sameJson,
  splitKey,
  textAt,
  uidOf,
} from '../controllers/fields.ts'
import { hasEnded } from '../controllers/pods/facts.ts'
import type { ClusterNetwork } from '../network/network.ts'
import { advance, type ContainerTools, end, type PodRuntime, stopAll } from './containers.ts'
import type { NodeFacts } from './node.ts'
import { type ApiServerAddress, createPodFiles, mentions, type PodFiles } from './pod-files.ts'
import { podStatus } from './pod-status.ts'
import { fieldPathOf, type Slot, slotsOf } from './slot.ts'
import type { ContainerRunner } from './types.ts'

export interface KubeletOptions {
  readonly tools: ControllerTools
  readonly node: NodeFacts
  readonly network: ClusterNetwork
  readonly runner: ContainerRunner | undefined
  /** Needed for containers that really run. */
  readonly apiServer: ApiServerAddress | undefined
  /** Folder for the files of Pods. */
  readonly directory: string
  /** A new unique id. */
  readonly id: () => string
  /** Looks at a Pod again. */
  readonly wake: (key: string) => void
}

export interface Kubelet {
  readonly controller: Controller
  /** The container's slot, for its log; undefined when the Node does not have it. */
  container(namespace: string, pod: string, container: string): Slot | undefined
}

const CONFIG_MAP: Kind = { apiVersion: 'v1', kind: 'ConfigMap' }
const SECRET: Kind = { apiVersion: 'v1', kind: 'Secret' }
/** For processes to end when the whole cluster stops: nobody calls them any more, so there is nothing to drain. */
const SHUTDOWN_SECONDS = 0

export function createKubelet(options: KubeletOptions): Kubelet {
  const { tools, node, network } = options
  const { api } = tools
  const runtimes = new Map<string, PodRuntime>()
  const shutdown = new AbortController()
  const use: ContainerTools = {
    tools,
    network,
    runner: options.runner,
    shutdown: shutdown.signal,
    wake: options.wake,
  }

  const forget = async (runtime: PodRuntime, graceSeconds: number) => {
    if (runtimes.get(runtime.key) === runtime) runtimes.delete(runtime.key)
    await stopAll(use, runtime, graceSeconds)
    if (runtime.facts.podIP !== node.address) network.release(runtime.facts.podIP)
    await runtime.files?.remove()
  }
  const controller: Controller = {
    name: 'kubelet',
    kinds: [POD, CONFIG_MAP, SECRET],
    concerns({ object }) {
      if (isKind(object, POD)) {
        return textAt(object, 'spec', 'nodeName') === node.name || runtimes.has(keyOf(object)) ? [keyOf(object)] : []
      }
      return [...runtimes.values()]
        .filter((runtime) => runtime.files !== undefined && uses(runtime, object))
        .map(({ key }) => key)
    },
    async reconcile(key) {
      const pod = api.find({ ...POD, ...splitKey(key) })
      const known = runtimes.get(key)
      if (known !== undefined && (pod === undefined || uidOf(pod) !== known.uid)) await forget(known, 0)
      if (pod === undefined || textAt(pod, 'spec', 'nodeName') !== node.name) return undefined
      if (isBeingDeleted(pod)) return await finish(pod, runtimes.get(key))
      if (hasEnded(pod)) return undefined
      return await run(pod)
    },
    hurry: () => shutdown.abort(),
    async stop() {
      await Promise.all([...runtimes.values()].map((runtime) => forget(runtime, SHUTDOWN_SECONDS)))
    },
  }
  const uses = (runtime: PodRuntime, source: JsonObject) => {
    const pod = api.find({ ...POD, ...splitKey(runtime.key) })
    return pod !== undefined && mentions(pod, source)
  }

  async function run(pod: JsonObject): Promise<number | undefined> {
    const runtime = runtimes.get(keyOf(pod)) ?? begin(pod)
    const again = await refresh(pod, runtime)
    advance(use, pod, runtime)
    await writeStatus(tools, pod, runtime, node)
    if (complete(pod, runtime, tools)) {
      await writeStatus(tools, pod, runtime, node)
      await stopAll(use, runtime, SHUTDOWN_SECONDS)
    }
    return again
  }
  function begin(pod: JsonObject): PodRuntime {
    const hostNetwork = at(pod, 'spec', 'hostNetwork') === true
    const facts = { podIP: hostNetwork ? node.address : network.allocate(), hostIP: node.address }
    const runtime: PodRuntime = {
      key: keyOf(pod),
      uid: uidOf(pod),
      slots: slotsOf(pod, options.id, () => tools.clock.now().getTime()),
      facts,
      startTime: timestamp(tools.clock.now()),
      files: filesOf(pod, facts),
      stopping: false,
    }
    runtimes.set(runtime.key, runtime)
    return runtime
  }
  function filesOf(pod: JsonObject, facts: PodRuntime['facts']): PodFiles | undefined {
    const { apiServer, runner } = options
    const containers = [...objectsAt(pod, 'spec', 'initContainers'), ...objectsAt(pod, 'spec', 'containers')]
    if (apiServer === undefined || runner === undefined || !containers.some((container) => runner.knows(container)))
      return undefined
    const directory = join(options.directory, uidOf(pod))
    return createPodFiles({ api, clock: tools.clock, directory, apiServer, facts })
  }
  /** A volume whose source is missing keeps the Pod from starting, as a real mount would. */
  async function refresh(pod: JsonObject, runtime: PodRuntime): Promise<number | undefined> {
    try {
      return await runtime.files?.refresh(pod)
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      tools.recorder.event(pod, 'Warning', 'FailedMount', `MountVolume.SetUp failed : ${message}`)
      await writeStatus(tools, pod, runtime, node)
      throw error
    }
  }
  async function finish(pod: JsonObject, runtime: PodRuntime | undefined): Promise<undefined> {
    if (runtime !== undefined) {
      for (const slot of runtime.slots) {
        if (slot.state.kind !== 'running' || runtime.stopping) continue
        tools.recorder.event(pod, 'Normal', 'Killing', `Stopping container ${slot.name}`, fieldPathOf(slot))
      }
      await forget(runtime, numberAt(pod, 30, 'metadata', 'deletionGracePeriodSeconds'))
    }
    if (api.find({ ...POD, ...splitKey(keyOf(pod)) }) === undefined) return undefined
    const key = { ...POD, name: nameOf(pod), namespace: namespaceOf(pod) }
    await api.delete(key, { gracePeriodSeconds: 0, preconditions: { uid: uidOf(pod) } })
    return undefined
  }
  return {
    controller,
    container(namespace, pod, container) {
      return runtimes.get(`${namespace}/${pod}`)?.slots.find((slot) => slot.name === container)
    },
  }
}

/**
 * A Pod that is not to run forever (restartPolicy OnFailure or Never): containers that are only marked end at once, well.
 * Returns true when the Pod has ended with this.
 */
function complete(pod: JsonObject, runtime: PodRuntime, tools: ControllerTools): boolean {
  if ((textAt(pod, 'spec', 'restartPolicy') || 'Always') === 'Always') return false
  const now = timestamp(tools.clock.now())
  const mains = runtime.slots.filter((slot) => slot.role === 'main')
  for (const slot of mains) if (slot.state.kind === 'running' && slot.process === undefined) end(slot, 0, now)
  const ended = mains.every((slot) => slot.state.kind === 'terminated' && !(slot.cancel !== undefined))
  // Sidecars end with the last regular container.
  if (ended)
    for (const slot of runtime.slots) if (slot.state.kind === 'running' && slot.process === undefined) end(slot, 0, now)
  return ended
}

async function writeStatus(
  tools: ControllerTools,
  pod: JsonObject,
  runtime: PodRuntime,
  node: NodeFacts,
): Promise<void> {
  const latest = tools.api.find({ ...POD, ...splitKey(keyOf(pod)) })
  if (latest === undefined || uidOf(latest) !== runtime.uid) return
  const facts = { slots: runtime.slots, podIP: runtime.facts.podIP, hostIP: node.address, startTime: runtime.startTime }
  const status = podStatus(latest, facts, timestamp(tools.clock.now()))
  if (!sameJson(status, objectAt(latest, 'status')))
    await tools.api.update({ ...latest, status }, { subresource: 'status' })
}
