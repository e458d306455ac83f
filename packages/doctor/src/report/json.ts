import type { Json } from '@proa/kube'
import type { Change, Evidence, Finding, NotEvaluatedCheck, ObjectName } from '../finding.ts'
import type { Language, Text } from '../language.ts'
import type { CertificateRow, NamespaceRow, Report, Target, WorkloadTrace } from '../report.ts'
import { docsLink } from '../run/docs-link.ts'
import type { Unread } from '../snapshot/types.ts'

/**
 * The report as `proa doctor -o json` prints it: a public contract. Fields may be added. Texts are in one language;
 * whatever a program should act on is in ids, codes and values, which are the same in all.
 */
export interface JsonReport {
  readonly target: Target
  /** Only when the target is not there. */
  readonly absent?: { readonly object: JsonName; readonly similar: readonly JsonName[]; readonly reason: string }
  /** The checks that belong to the question. */
  readonly checks: readonly string[]
  /** How many of them looked at everything that they need. */
  readonly evaluated: number
  readonly findings: readonly JsonFinding[]
  readonly notEvaluated: readonly JsonNotEvaluated[]
  readonly trace?: Omit<WorkloadTrace, 'summary'> & { readonly summary: string }
  readonly namespaces?: readonly JsonNamespace[]
  readonly certificates?: readonly (Omit<CertificateRow, 'problem'> & { readonly problem?: string })[]
  readonly exitCode: number
}

type JsonNamespace = Omit<NamespaceRow, 'webhooks'> & {
  readonly webhooks: readonly {
    readonly webhook: string
    readonly called: boolean | 'unknown'
    readonly because: string
  }[]
}

/** `namespace` is "" for cluster-scoped kinds. */
export interface JsonName {
  readonly apiVersion?: string
  readonly kind: string
  readonly namespace: string
  readonly name: string
}

export interface JsonFinding {
  readonly id: string
  readonly severity: 'error' | 'warn' | 'info'
  readonly category: string
  readonly confidence: 'certain' | 'likely' | 'cannot-tell'
  readonly object: JsonName
  /** The control plane that it is about. */
  readonly revision?: string
  readonly message: string
  readonly meaning?: string
  readonly evidence: readonly JsonEvidence[]
  readonly fix?: { readonly text: string; readonly commands: readonly string[]; readonly changes: readonly Change[] }
  /** Where the check is described. */
  readonly docs: string
}

export interface JsonEvidence {
  readonly object: JsonName
  readonly path: string
  /** Absent: nothing stands there. */
  readonly value?: Json
  /** Which side of a comparison it is. */
  readonly label?: string
}

export interface JsonNotEvaluated {
  readonly id: string
  readonly object?: JsonName
  readonly reason: string
  readonly missing: readonly Unread[]
}

/** @returns one JSON text with a line feed at its end. */
export function renderReportJson(report: Report, language: Language = 'en'): string {
  return `${JSON.stringify(reportJson(report, language), null, 2)}\n`
}

export function reportJson(report: Report, language: Language): JsonReport {
  const say = (text: Text): string => text[language]
  const { target, absent, checks, evaluated, findings, notEvaluated, trace, namespaces, certificates, exitCode } =
    report
  return {
    target,
    ...(absent === undefined
      ? {}
      : {
          absent: {
            object: nameJson(absent.object),
            similar: absent.similar.map(nameJson),
            reason: say(absent.reason),
          },
        }),
    checks,
    evaluated,
    findings: findings.map((one) => findingJson(one, say, language)),
    notEvaluated: notEvaluated.map((one) => notEvaluatedJson(one, say)),
    ...(trace === undefined ? {} : { trace: { ...trace, summary: say(trace.summary) } }),
    ...(namespaces === undefined ? {} : { namespaces: namespaces.map((row) => namespaceJson(row, say)) }),
    ...(certificates === undefined ? {} : { certificates: certificates.map((row) => certificateJson(row, say)) }),
    exitCode,
  }
}

type Say = (text: Text) => string

function findingJson(finding: Finding, say: Say, language: Language): JsonFinding {
  const { id, severity, category, confidence, object, revision, message, meaning, evidence, fix } = finding
  return {
    id,
    severity,
    category,
    confidence,
    object: nameJson(object),
    ...(revision === undefined ? {} : { revision }),
    message: say(message),
    ...(meaning === undefined ? {} : { meaning: say(meaning) }),
    evidence: evidence.map((one) => evidenceJson(one, object, say)),
    ...(fix === undefined ? {} : { fix: { ...fix, text: say(fix.text) } }),
    docs: docsLink(id, language),
  }
}

function evidenceJson({ object, path, value, label }: Evidence, about: ObjectName, say: Say): JsonEvidence {
  return {
    object: nameJson(object ?? about),
    path,
    ...(value === undefined ? {} : { value }),
    ...(label === undefined ? {} : { label: say(label) }),
  }
}

function notEvaluatedJson({ id, object, reason, missing }: NotEvaluatedCheck, say: Say): JsonNotEvaluated {
  return { id, ...(object === undefined ? {} : { object: nameJson(object) }), reason: say(reason), missing }
}

function namespaceJson({ webhooks, ...row }: NamespaceRow, say: Say): JsonNamespace {
  return { ...row, webhooks: webhooks.map((one) => ({ ...one, because: say(one.because) })) }
}

function certificateJson({ problem, ...row }: CertificateRow, say: Say) {
  return { ...row, ...(problem === undefined ? {} : { problem: say(problem) }) }
}

function nameJson({ apiVersion, kind, namespace = '', name }: ObjectName): JsonName {
  return { ...(apiVersion === undefined || apiVersion === '' ? {} : { apiVersion }), kind, namespace, name }
}
