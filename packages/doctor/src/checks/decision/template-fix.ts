import type { Fix } from '../../finding.ts'
import { editTemplate } from '../../fixes/edit-template.ts'
import { NO_STEP, type Step } from '../../fixes/patch-object.ts'
import type { Text } from '../../language.ts'
import type { Subject } from '../../subjects/subjects.ts'

type Metadata = Parameters<typeof editTemplate>[1]

/** A change of the labels or annotations of a workload's Pods, with the reason for which it cannot be made where it cannot. */
export function labelFix(subject: Subject, text: Text, metadata: Metadata): Fix {
  return templateFix(subject, text, editTemplate(subject, metadata))
}

/** Any change of a workload's Pod template. */
export function templateFix(subject: Subject, text: Text, step: Step): Fix {
  const { kind } = subject.object
  if (subject.owner === undefined) {
    return {
      ...NO_STEP,
      text: {
        en: `${text.en}, in the manifest of ${kind} ${subject.name}, which is not in the snapshot`,
        zh: `${text.zh}，请在 ${kind} ${subject.name} 的清单中修改（该对象不在快照中）`,
      },
    }
  }
  if (kind === 'Pod' || kind === 'Job') {
    return {
      ...NO_STEP,
      text: {
        en: `${text.en}, in the manifest; then delete the ${kind} and create it again, because that cannot be changed in one that exists`,
        zh: `${text.zh}，请修改清单后删除并重新创建该 ${kind}，因为已有对象的这些字段无法更改`,
      },
    }
  }
  return { text, ...step }
}
