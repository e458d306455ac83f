import type { JsonObject } from '@proa/kube'
import type { ClusterApi } from '../api/types.ts'
import { type Clock, timestamp } from '../controllers/clock.ts'
import { NODE } from '../controllers/controller.ts'

/** A machine of the cluster, as far as it is one. */
export interface NodeFacts {
  readonly name: string
  /** Its internal address. Only a name: what listens on it is in the ClusterNetwork. */
  readonly address: string
  readonly labels?: Readonly<Record<string, string>>
}

/** What a Node has to give. Nothing is measured and nothing is taken: Pods are only marked as running. */
const CAPACITY = { cpu: '8', 'ephemeral-storage': '100Gi', memory: '16Gi', pods: '1000' }

/** Makes the Node known, ready for Pods. */
export async function registerNode(api: ClusterApi, node: NodeFacts, clock: Clock, version: string): Promise<void> {
  if (api.find({ ...NODE, name: node.name, namespace: '' }) !== undefined) return
  const now = timestamp(clock.now())
  const object: JsonObject = {
    ...NODE,
    metadata: {
      name: node.name,
      labels: {
        'kubernetes.io/hostname': node.name,
        'kubernetes.io/os': 'linux',
        'kubernetes.io/arch': 'amd64',
        'beta.kubernetes.io/os': 'linux',
        'beta.kubernetes.io/arch': 'amd64',
        ...node.labels,
      },
    },
    spec: { podCIDR: '10.244.0.0/16', podCIDRs: ['10.244.0.0/16'] },
    status: {
      capacity: CAPACITY,
      allocatable: CAPACITY,
      conditions: [
        condition('MemoryPressure'),
        condition('DiskPressure'),
        condition('PIDPressure'),
        condition('Ready'),
      ].map((each) => ({ ...each, lastHeartbeatTime: now, lastTransitionTime: now })),
      addresses: [
        { type: 'InternalIP', address: node.address },
        { type: 'Hostname', address: node.name },
      ],
      nodeInfo: {
        architecture: 'amd64',
        bootID: '',
        containerRuntimeVersion: 'none://0.0.0',
        kernelVersion: '0.0.0',
        kubeProxyVersion: '',
        kubeletVersion: version,
        machineID: '',
        operatingSystem: 'linux',
        osImage: 'local cluster (no machine)',
        systemUUID: '',
      },
    },
  }
  await api.create(object)
}

function condition(type: string): JsonObject {
  if (type === 'Ready')
    return { type, status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status' }
  const subject = type.replace('Pressure', '')
  const words: Readonly<Record<string, string>> = {
    Memory: 'sufficient memory',
    Disk: 'no disk pressure',
    PID: 'sufficient PID',
  }
  return {
    type,
    status: 'False',
    reason: `KubeletHas${subject === 'Disk' ? 'NoDiskPressure' : `Sufficient${subject}`}`,
    message: `kubelet has ${words[subject] ?? ''} available`.replace('pressure available', 'pressure'),
  }
}
