import type { JsonObject } from '@proa/kube'
import type { Fix } from '../../finding.ts'
import { within } from '../../fixes/edit-template.ts'
import { mergePatch, NO_STEP } from '../../fixes/patch-object.ts'
import type { Text } from '../../language.ts'
import type { Subject } from '../../subjects/subjects.ts'

/** Kinds whose Pod template can be changed; the controller then makes new Pods from it. */
function canChange({ owner, object, templatePath }: Subject): boolean {
  return owner !== undefined && templatePath.length > 0 && object.kind !== 'Job'
}

/**
 * A merge patch of the Pod template: `{metadata: {annotations: {…}}}`, `{spec: {…}}`. For what cannot be changed in place, the
 * text says where to do it instead.
 */
export function templateChange(subject: Subject, text: Text, body: JsonObject): Fix {
  if (canChange(subject)) return { text, ...mergePatch(subject.object, within(subject.templatePath, body)) }
  const { kind, name } = subject.object
  if (kind !== 'Job' && subject.owner === undefined) {
    return {
      ...NO_STEP,
      text: {
        en: `${text.en}. Do it in the manifest of ${kind} ${name}, which is not in the snapshot`,
        zh: `${text.zh}。请在 ${kind} ${name} 的清单中修改（该对象不在快照中）`,
      },
    }
  }
  return {
    ...NO_STEP,
    text: {
      en: `${text.en}. Do it in the manifest, then delete ${kind} ${name} and create it again: this cannot be changed in one that exists`,
      zh: `${text.zh}。请修改清单，然后删除并重新创建 ${kind} ${name}：已有对象的这些字段无法更改`,
    },
  }
}

/** Sets annotations of the Pods; null takes one away. */
export function annotateTemplate(
  subject: Subject,
  text: Text,
  annotations: Readonly<Record<string, string | null>>,
): Fix {
  return templateChange(subject, text, { metadata: { annotations: { ...annotations } } })
}
