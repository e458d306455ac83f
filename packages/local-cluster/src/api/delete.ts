import type { JsonObject } from '@proa/kube'
import { CUSTOM_RESOURCE_CLEANUP, DEFINITIONS_BUCKET } from '../resources/custom.ts'
import { type Backend, type Call, storeKey, timestamp } from './backend.ts'
import { kept, served } from './convert.ts'
import { writeOptions } from './create.ts'
import { conflict, MODIFIED, notFound } from './errors.ts'
import { finalizersOf, metadataOf, metaText, part, withMetadata } from './metadata.ts'
import type { DeleteOptions } from './types.ts'
import { deletionDone, namespaceFinalizers } from './update.ts'

const DEFAULT_POD_GRACE = 30
const ATTEMPTS = 5

/** What became of it. */
export interface Deletion {
  /** The last state, or the state that waits for finalizers or for the kubelet. */
  readonly object: JsonObject
  /** Whether it is gone. */
  readonly gone: boolean
}

export async function deleteObject(backend: Backend, call: Call, options: DeleteOptions): Promise<Deletion> {
  for (let attempt = 1; ; attempt++) {
    const key = storeKey(call)
    const stored = backend.store.get(key)
    if (stored === undefined) throw notFound(call.type, call.name)
    const current = served(call.type, stored)
    checkPreconditions(call, current, options)
    const admitted = await backend.admit({
      operation: 'DELETE',
      resource: call.type,
      subresource: call.subresource,
      namespace: call.namespace,
      name: call.name,
      object: undefined,
      oldObject: current,
      user: call.user,
      dryRun: call.dryRun,
      options: writeOptions('DeleteOptions', call, optionFields(options)),
    })
    if (backend.store.get(key) !== stored) {
      if (attempt >= ATTEMPTS) throw conflict(call.type, call.name, MODIFIED)
      continue
    }
    for (const warning of admitted.warnings) call.warn(warning)
    return finish(backend, call, current, options)
  }
}

function optionFields(options: DeleteOptions): Record<string, string | number> {
  return {
    ...(options.gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds: options.gracePeriodSeconds }),
    ...(options.propagationPolicy === undefined ? {} : { propagationPolicy: options.propagationPolicy }),
  }
}

function finish(backend: Backend, call: Call, current: JsonObject, options: DeleteOptions): Deletion {
  const key = storeKey(call)
  const marked = mark(backend, call, current, options)
  if (deletionDone(marked)) {
    if (!call.dryRun) backend.store.remove(key)
    return { object: call.type.bucket === 'pods' ? marked : current, gone: true }
  }
  const changed = marked !== current && !call.dryRun
  return { object: changed ? served(call.type, backend.store.put(key, kept(call.type, marked))) : marked, gone: false }
}

/** The object as it waits for its end. */
function mark(backend: Backend, call: Call, current: JsonObject, options: DeleteOptions): JsonObject {
  const before = metadataOf(current)
  const finalizers = wantedFinalizers(call, current, options)
  const grace = gracePeriod(call, current, options)
  const already = typeof before.deletionTimestamp === 'string'
  const shorter =
    already && typeof before.deletionGracePeriodSeconds === 'number' && grace < before.deletionGracePeriodSeconds
  const sameFinalizers = finalizers.join() === finalizersOf(current).join()
  if (already && !shorter && sameFinalizers) return current
  const terminating =
    call.type.bucket === 'namespaces' ? { status: { ...part(current, 'status'), phase: 'Terminating' } } : {}
  return withMetadata(
    { ...current, ...terminating },
    {
      finalizers: finalizers.length === 0 ? undefined : finalizers,
      ...(already && !shorter
        ? {}
        : {
            deletionTimestamp: timestamp(backend.now() + grace * 1000),
            deletionGracePeriodSeconds: grace,
            ...(typeof before.generation === 'number' && !already ? { generation: before.generation + 1 } : {}),
          }),
    },
  )
}

/** The garbage collector takes these away again when it has done its part. */
function wantedFinalizers(call: Call, current: JsonObject, { propagationPolicy }: DeleteOptions): readonly string[] {
  const others = finalizersOf(current).filter((one) => one !== 'orphan' && one !== 'foregroundDeletion')
  const own = finalizersOf(current)
  const namespace = call.type.bucket === 'namespaces' && namespaceFinalizers(current) ? ['kubernetes'] : []
  if (namespace.length > 0) return own
  if (call.type.bucket === DEFINITIONS_BUCKET) {
    const starts = typeof metadataOf(current).deletionTimestamp !== 'string' && !own.includes(CUSTOM_RESOURCE_CLEANUP)
    return starts ? [...own, CUSTOM_RESOURCE_CLEANUP] : own
  }
  if (propagationPolicy === 'Orphan') return [...others, 'orphan']
  if (propagationPolicy === 'Foreground') return [...others, 'foregroundDeletion']
  return propagationPolicy === 'Background' ? others : own
}

/** Only Pods that a kubelet runs need time to stop. */
function gracePeriod(call: Call, current: JsonObject, { gracePeriodSeconds }: DeleteOptions): number {
  if (call.type.bucket !== 'pods') return 0
  const spec = part(current, 'spec')
  const phase = part(current, 'status').phase
  if (typeof spec.nodeName !== 'string' || spec.nodeName === '' || phase === 'Failed' || phase === 'Succeeded') return 0
  const own = spec.terminationGracePeriodSeconds
  return Math.max(0, gracePeriodSeconds ?? (typeof own === 'number' ? own : DEFAULT_POD_GRACE))
}

function checkPreconditions(call: Call, current: JsonObject, { preconditions }: DeleteOptions): void {
  if (preconditions === undefined) return
  const uid = metaText(current, 'uid')
  if (preconditions.uid !== undefined && preconditions.uid !== uid) {
    const why = `the UID in the precondition (${preconditions.uid}) does not match the UID in record (${uid}). The object might have been deleted and then recreated`
    throw conflict(kindOf(call), call.name, why)
  }
  const version = metaText(current, 'resourceVersion')
  if (preconditions.resourceVersion !== undefined && preconditions.resourceVersion !== version) {
    const why = `the ResourceVersion in the precondition (${preconditions.resourceVersion}) does not match the ResourceVersion in record (${version}). The object might have been modified`
    throw conflict(kindOf(call), call.name, why)
  }
}

/** This refusal names the kind where others name the resource. */
function kindOf({ type }: Call): { readonly group: string; readonly resource: string } {
  return { group: type.group, resource: type.kind }
}
