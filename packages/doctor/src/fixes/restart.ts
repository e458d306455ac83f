import type { Cluster } from '../cluster/cluster.ts'
import { controllerOf, objectName } from '../cluster/cluster.ts'
import type { Fix, ObjectName } from '../finding.ts'
import type { Text } from '../language.ts'
import { isTrueAt } from '../reading.ts'
import { livePods, type Subject } from '../subjects/subjects.ts'
import { kubectl, shellWord } from './kubectl.ts'
import { allSteps, deleteObject, mergePatch, patchObject, type Step } from './patch-object.ts'

const RESTARTABLE: ReadonlySet<string> = new Set(['Deployment', 'StatefulSet', 'DaemonSet'])
/** Several such fixes need not name a hundred Pods. */
const MOST_PODS = 20

/** How the Pods of a workload are made anew, so that they go through the webhook again. */
export function restartFix(cluster: Cluster, subject: Subject, why?: Text): Fix {
  const { text, step } = restart(cluster, subject)
  return {
    text: why === undefined ? text : { en: `${why.en}${text.en}`, zh: `${why.zh}${text.zh}` },
    commands: step.commands,
    changes: step.changes,
  }
}

interface Restart {
  readonly text: Text
  readonly step: Step
}

function restart(cluster: Cluster, subject: Subject): Restart {
  const { object, owner } = subject
  if (RESTARTABLE.has(object.kind)) {
    return {
      text: {
        en: `Restart ${object.kind} ${object.name}: only new Pods go through the webhook`,
        zh: `重启 ${object.kind} ${object.name}：只有新建的 Pod 才会经过 webhook`,
      },
      step: allSteps(...resumed(subject), rolloutRestart(object, cluster.snapshot.takenAt)),
    }
  }
  if (object.kind === 'Rollout' && owner !== undefined) {
    return {
      text: {
        en: `Restart Rollout ${object.name}: only new Pods go through the webhook`,
        zh: `重启 Rollout ${object.name}：只有新建的 Pod 才会经过 webhook`,
      },
      step: mergePatch(object, { spec: { restartAt: cluster.snapshot.takenAt } }),
    }
  }
  return madeByOthers(subject)
}

/** A Deployment that is paused cannot be restarted. */
function resumed({ object, owner }: Subject): readonly Step[] {
  return object.kind === 'Deployment' && isTrueAt(owner, 'spec', 'paused') ? [resumeRollout(object)] : []
}

/** What `kubectl rollout resume` writes. */
export function resumeRollout(object: ObjectName): Step {
  return patchObject(
    object,
    { type: 'strategic', body: { spec: { paused: null } } },
    `${kubectl(object)} rollout resume ${object.kind.toLowerCase()}/${shellWord(object.name)}`,
  )
}

/** What `kubectl rollout restart` writes. */
function rolloutRestart(object: ObjectName, restartedAt: string): Step {
  const annotations = { 'kubectl.kubernetes.io/restartedAt': restartedAt }
  return patchObject(
    object,
    { type: 'strategic', body: { spec: { template: { metadata: { annotations } } } } },
    `${kubectl(object)} rollout restart ${object.kind.toLowerCase()}/${shellWord(object.name)}`,
  )
}

function madeByOthers(subject: Subject): Restart {
  const { object } = subject
  if (object.kind === 'CronJob') {
    return {
      text: {
        en: 'Nothing to restart: the Pod of the next run goes through the webhook',
        zh: '无需重启：下一次运行创建的 Pod 会经过 webhook',
      },
      step: allSteps(),
    }
  }
  const pods = livePods(subject)
  // A Pod of a Job that is deleted counts as a failure of the Job; nobody makes a lone Pod anew.
  const isRemade = object.kind !== 'Job' && pods.every((pod) => controllerOf(pod) !== undefined)
  if (object.kind === 'Job' || !isRemade || pods.length > MOST_PODS) {
    return {
      text: {
        en: `Delete ${object.kind} ${object.name} and create it again from its manifest: only new Pods go through the webhook`,
        zh: `删除 ${object.kind} ${object.name} 并用原清单重新创建：只有新建的 Pod 才会经过 webhook`,
      },
      step: allSteps(),
    }
  }
  return {
    text: {
      en: `Delete the Pods of ${object.kind} ${object.name}, one after the other; its controller makes new ones, which go through the webhook`,
      zh: `逐个删除 ${object.kind} ${object.name} 的 Pod；控制器会新建 Pod 并经过 webhook`,
    },
    step: allSteps(...pods.map((pod) => deleteObject(objectName(pod)))),
  }
}
