/** What happens to the containers of one Pod: started in order, probed, started again, stopped. */
import type { JsonObject } from '@proa/kube'
import { timestamp } from '../controllers/clock.ts'
import type { ControllerTools } from '../controllers/controller.ts'
import { nameOf, namespaceOf, numberAt, textAt, uidOf } from '../controllers/fields.ts'
import type { ClusterNetwork } from '../network/network.ts'
import { resolveEnvironment } from './environment.ts'
import { type PodFiles, sourcesOf } from './pod-files.ts'
import { probeTarget, runProbe } from './probe.ts'
import { fieldPathOf, hasSucceeded, isStarted, readinessProbeOf, type Slot } from './slot.ts'
import { ContainerConfigError, type PodFieldFacts } from './sources.ts'
import type { ContainerRunner, RunningContainer } from './types.ts'

export interface PodRuntime {
  readonly key: string
  readonly uid: string
  readonly slots: readonly Slot[]
  readonly facts: PodFieldFacts
  /** RFC 3339 */
  readonly startTime: string
  /** Only when a container of the Pod really runs. */
  readonly files: PodFiles | undefined
  /** The API server has been told to stop: nothing is started any more. */
  stopping: boolean
}

export interface ContainerTools {
  readonly tools: ControllerTools
  readonly network: ClusterNetwork
  readonly runner: ContainerRunner | undefined
  /** Aborted when the whole cluster stops: nothing is started any more, and nobody waits for grace periods. */
  readonly shutdown: AbortSignal
  /** The Pod has to be looked at again. */
  readonly wake: (key: string) => void
}

/** First wait before a container is started again, in milliseconds; it doubles. The kubelet begins with 10 s. */
const FIRST_RESTART = 250
/** The kubelet goes up to 5 minutes; here somebody is watching. */
const LONGEST_RESTART = 10_000
/** Until the first success a probe is asked this often at least, in milliseconds: nobody wants to wait a period of 10 s. */
const EAGER_PROBE = 200

/** Starts what may start by now. */
export function advance(use: ContainerTools, pod: JsonObject, runtime: PodRuntime): void {
  if (runtime.stopping || use.shutdown.aborted) return
  for (const slot of runtime.slots) {
    if (slot.role === 'main') continue
    if (slot.role === 'init' && hasSucceeded(slot)) continue
    if (mayStart(pod, slot)) start(use, pod, runtime, slot)
    // The next one waits until this one has ended, or, for a sidecar, until it is up.
    const passed = slot.role === 'init' ? hasSucceeded(slot) : isStarted(slot) && slot.ready
    if (!passed) return
  }
  for (const slot of runtime.slots) if (slot.role === 'main' && mayStart(pod, slot)) start(use, pod, runtime, slot)
}

function mayStart(pod: JsonObject, slot: Slot): boolean {
  if (slot.state.kind === 'running' || slot.cancel !== undefined) return false
  return slot.state.kind === 'waiting' || restarts(pod, slot)
}

/** Whether a container that has ended is started again. */
export function restarts(pod: JsonObject, slot: Slot): boolean {
  if (slot.state.kind !== 'terminated') return false
  const policy = textAt(pod, 'spec', 'restartPolicy') || 'Always'
  if (slot.role === 'sidecar') return true
  if (slot.role === 'init') return slot.state.exitCode !== 0 && policy !== 'Never'
  return policy === 'Always' || (policy === 'OnFailure' && slot.state.exitCode !== 0)
}

function start(use: ContainerTools, pod: JsonObject, runtime: PodRuntime, slot: Slot): void {
  const { clock, recorder } = use.tools
  const path = fieldPathOf(slot)
  const image = textAt(slot.container, 'image')
  const now = timestamp(clock.now())
  const real = use.runner?.knows(slot.container) === true && runtime.files !== undefined
  if (real && !startProcess(use, pod, runtime, slot, runtime.files)) return
  const pulled = `Container image "${image}" already present on machine and can be accessed by the pod`
  recorder.event(pod, 'Normal', 'Pulled', pulled, path)
  recorder.event(pod, 'Normal', 'Created', 'Container created', path)
  recorder.event(pod, 'Normal', 'Started', 'Container started', path)
  slot.state = { kind: 'running', startedAt: now }
  if (real) return
  slot.ready = slot.role !== 'init'
  slot.log.write(
    `The container ${slot.name} (${image}) is only marked as running: the local cluster has no container runtime.`,
  )
  if (slot.role === 'init') end(slot, 0, now)
}

export function end(slot: Slot, exitCode: number, now: string): void {
  const startedAt = slot.state.kind === 'running' ? slot.state.startedAt : now
  slot.state = {
    kind: 'terminated',
    exitCode,
    reason: exitCode === 0 ? 'Completed' : 'Error',
    startedAt,
    finishedAt: now,
  }
  slot.ready = false
  slot.process = undefined
}

/** Returns false when it could not be started. */
function startProcess(use: ContainerTools, pod: JsonObject, runtime: PodRuntime, slot: Slot, files: PodFiles): boolean {
  try {
    const env = resolveEnvironment(pod, slot.container, sourcesOf(use.tools.api, pod), runtime.facts)
    const process = use.runner?.run(slot.container, pod, {
      kubeconfig: files.kubeconfig,
      directory: files.directory,
      env: Object.fromEntries(
        Object.entries(env).map(([name, value]) => [name, files.path(pod, slot.container, value)]),
      ),
      path: (text) => files.path(pod, slot.container, text),
      log: slot.log.write,
    })
    if (process === undefined) return false
    slot.process = process
    const isCurrent = () => slot.process === process
    process.ports.then(
      (ports) => {
        if (!isCurrent()) return
        for (const [port, address] of ports) use.network.listen(runtime.facts.podIP, port, address)
        listening(use, pod, runtime, slot, isCurrent)
      },
      // It ended before it listened: that is told below.
      () => {},
    )
    process.exited.then((code) => {
      if (isCurrent()) exited(use, pod, runtime, slot, code)
    })
    return true
  } catch (error) {
    failedToStart(use, pod, runtime, slot, error)
    return false
  }
}

function failedToStart(use: ContainerTools, pod: JsonObject, runtime: PodRuntime, slot: Slot, error: unknown): void {
  const message = error instanceof Error ? error.message : String(error)
  const reason = error instanceof ContainerConfigError ? 'CreateContainerConfigError' : 'RunContainerError'
  use.tools.recorder.event(pod, 'Warning', 'Failed', `Error: ${message}`, fieldPathOf(slot))
  slot.state = { kind: 'waiting', reason, message }
  later(use, runtime, slot)
}

function exited(use: ContainerTools, pod: JsonObject, runtime: PodRuntime, slot: Slot, code: number): void {
  slot.cancel?.()
  slot.cancel = undefined
  end(slot, code, timestamp(use.tools.clock.now()))
  if (!runtime.stopping && restarts(pod, slot)) {
    const identity = `${nameOf(pod)}_${namespaceOf(pod)}(${uidOf(pod)})`
    slot.lastState = slot.state
    if (slot.restarts > 0) {
      const wait = delay(slot)
      const message = `back-off ${Math.ceil(wait / 1000)}s restarting failed container=${slot.name} pod=${identity}`
      slot.state = { kind: 'waiting', reason: 'CrashLoopBackOff', message }
      const words = `Back-off restarting failed container ${slot.name} in pod ${identity}`
      use.tools.recorder.event(pod, 'Warning', 'BackOff', words, fieldPathOf(slot))
    }
    later(use, runtime, slot)
    slot.restarts += 1
  }
  use.wake(runtime.key)
}

const delay = (slot: Slot) => Math.min(FIRST_RESTART * 2 ** Math.min(slot.restarts, 20), LONGEST_RESTART)

function later(use: ContainerTools, runtime: PodRuntime, slot: Slot): void {
  slot.cancel = use.tools.clock.after(delay(slot), () => {
    slot.cancel = undefined
    use.wake(runtime.key)
  })
}

/** It listens: now it is ready, or is asked whether it is. */
function listening(
  use: ContainerTools,
  pod: JsonObject,
  runtime: PodRuntime,
  slot: Slot,
  isCurrent: () => boolean,
): void {
  const probe = readinessProbeOf(slot)
  const target = probe === undefined ? undefined : probeTarget(slot.container, probe)
  const becomes = (ready: boolean) => {
    if (slot.ready === ready) return
    slot.ready = ready
    use.wake(runtime.key)
  }
  if (probe === undefined || target === undefined) {
    becomes(true)
    return
  }
  const period = numberAt(probe, 10, 'periodSeconds') * 1000
  const [wantedGood, wantedBad] = [numberAt(probe, 1, 'successThreshold'), numberAt(probe, 3, 'failureThreshold')]
  let good = 0
  let bad = 0
  const ask = async () => {
    slot.cancel = undefined
    const problem = await runProbe(target, use.network.resolve(runtime.facts.podIP, target.port))
    if (!isCurrent() || runtime.stopping) return
    good = problem === undefined ? good + 1 : 0
    bad = problem === undefined ? 0 : bad + 1
    if (good >= wantedGood) becomes(true)
    if (bad >= wantedBad) becomes(false)
    if (problem !== undefined) {
      use.tools.recorder.event(pod, 'Warning', 'Unhealthy', `Readiness probe failed: ${problem}`, fieldPathOf(slot))
    }
    slot.cancel = use.tools.clock.after(slot.ready ? period : Math.min(period, EAGER_PROBE), () => void ask())
  }
  const first = numberAt(probe, 0, 'initialDelaySeconds') * 1000
  // The wait before the first question is meant for slow starters: what listens need not be waited for so long.
  slot.cancel = use.tools.clock.after(Math.min(first, EAGER_PROBE), () => void ask())
}

/** Stops all that runs; sidecars last, as they serve the others. */
export async function stopAll(use: ContainerTools, runtime: PodRuntime, graceSeconds: number): Promise<void> {
  runtime.stopping = true
  for (const slot of runtime.slots) {
    slot.cancel?.()
    slot.cancel = undefined
  }
  const stop = async (slot: Slot) => {
    const { process } = slot
    slot.process = undefined
    if (process !== undefined) await stopProcess(process, graceSeconds, use.shutdown)
    if (slot.state.kind === 'running') end(slot, 0, timestamp(use.tools.clock.now()))
    slot.log.end()
  }
  await Promise.all(runtime.slots.filter((slot) => slot.role !== 'sidecar').map(stop))
  for (const slot of runtime.slots.filter((slot) => slot.role === 'sidecar').reverse()) await stop(slot)
}

async function stopProcess(process: RunningContainer, graceSeconds: number, shutdown: AbortSignal): Promise<void> {
  const hurry = (): void => void process.stop(0)
  shutdown.addEventListener('abort', hurry, { once: true })
  try {
    await process.stop(shutdown.aborted ? 0 : graceSeconds)
  } finally {
    shutdown.removeEventListener('abort', hurry)
  }
}
