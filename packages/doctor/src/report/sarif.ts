import type { Check } from '../check.ts'
import { CHECKS } from '../checks/catalogue.ts'
import type { CheckId, Evidence, Finding, NotEvaluatedCheck, ObjectName, Severity } from '../finding.ts'
import type { Language } from '../language.ts'
import { objectTitle } from '../naming.ts'
import type { Report } from '../report.ts'
import { docsLink } from '../run/docs-link.ts'
import { findingFingerprint } from './fingerprint.ts'
import { findingPlainText } from './plain.ts'
import { referenceLink } from './references.ts'

/** Where an object stands in a file, for tools that show findings beside the text. */
export interface FilePlace {
  /** Relative to the repository, with `/`. */
  readonly uri: string
  /** From 1. */
  readonly line?: number
}

/** Defaults: English, no version, no files. */
export interface SarifOptions {
  readonly language?: Language
  /** Of proa. */
  readonly version?: string
  readonly locate?: (object: ObjectName) => FilePlace | undefined
  /** Where the documentation is published, with `/` at its end: then rules link to it. */
  readonly docsBase?: string
  /** What the rules are made of; default: the catalogue. */
  readonly catalogue?: readonly Check[]
}

const LEVELS: Readonly<Record<Severity, string>> = { error: 'error', warn: 'warning', info: 'note' }

/** SARIF 2.1.0, as code scanning services read it. */
export function renderReportSarif(report: Report, options: SarifOptions = {}): string {
  const { language = 'en', version, catalogue = CHECKS } = options
  const rules = catalogue.filter(({ id }) => report.checks.includes(id))
  const indexes = new Map(rules.map(({ id }, index) => [id, index]))
  const driver = {
    name: 'proa doctor',
    ...(version === undefined ? {} : { semanticVersion: version }),
    rules: rules.map((check) => ruleOf(check, options)),
  }
  const run = {
    tool: { driver },
    language: language === 'en' ? 'en-US' : 'zh-CN',
    columnKind: 'utf16CodeUnits',
    invocations: [invocationOf(report, language, indexes)],
    results: report.findings.map((finding) => resultOf(finding, indexes, options)),
  }
  const log = { $schema: 'https://json.schemastore.org/sarif-2.1.0.json', version: '2.1.0', runs: [run] }
  return `${JSON.stringify(log, null, 2)}\n`
}

function ruleOf(check: Check, { language = 'en', docsBase }: SarifOptions) {
  const { id, severity, category, scope, title, looksAt, why, remedy, references = [] } = check
  const links = references.map(referenceLink)
  const helpUri =
    docsBase === undefined ? links.find(({ url }) => url !== undefined)?.url : docsBase + docsLink(id, language)
  const help = [looksAt, why, remedy].map((text) => text[language]).filter((text) => text !== '')
  const see = links.map(({ text, url }) => (url === undefined ? text : `[${text}](${url})`)).join(', ')
  return {
    id,
    name: id,
    shortDescription: { text: title[language] },
    fullDescription: { text: looksAt[language] },
    help: { text: help.join('\n\n'), markdown: [...help, ...(see === '' ? [] : [see])].join('\n\n') },
    ...(helpUri === undefined ? {} : { helpUri }),
    defaultConfiguration: { level: LEVELS[severity] },
    properties: { tags: ['kubernetes', 'istio', category], scope, docs: docsLink(id, language) },
  }
}

function resultOf(finding: Finding, indexes: ReadonlyMap<CheckId, number>, options: SarifOptions) {
  const { id, severity, object, message, evidence, confidence, revision } = finding
  const { language = 'en' } = options
  const ruleIndex = indexes.get(id)
  const elsewhere = evidence.filter((one) => one.object !== undefined)
  return {
    ruleId: id,
    ...(ruleIndex === undefined ? {} : { ruleIndex }),
    level: LEVELS[severity],
    message: { text: `${objectTitle(object)}: ${message[language]}` },
    locations: [
      locationOf(
        object,
        evidence.find((one) => one.object === undefined),
        options,
      ),
    ],
    ...(elsewhere.length === 0
      ? {}
      : { relatedLocations: elsewhere.map((one) => locationOf(one.object ?? object, one, options)) }),
    partialFingerprints: { 'proaFinding/v1': findingFingerprint(finding) },
    properties: {
      confidence,
      ...(revision === undefined ? {} : { revision }),
      details: findingPlainText(finding, language),
    },
  }
}

function locationOf(object: ObjectName, evidence: Evidence | undefined, { locate }: SarifOptions) {
  const place = locate?.(object)
  const path = evidence === undefined ? '' : `/${evidence.path}`
  const region = place?.line === undefined ? {} : { region: { startLine: place.line } }
  return {
    ...(place === undefined
      ? {}
      : { physicalLocation: { artifactLocation: { uri: encodeURI(place.uri) }, ...region } }),
    logicalLocations: [
      { name: object.name, fullyQualifiedName: `${objectTitle(object).replace(' ', '/')}${path}`, kind: 'resource' },
    ],
  }
}

/** What could not be evaluated is told by the tool about itself, not about the cluster. */
function invocationOf(report: Report, language: Language, indexes: ReadonlyMap<CheckId, number>) {
  const notifications = report.notEvaluated.map((one) => notificationOf(one, language, indexes))
  const { absent } = report
  const absence = absent === undefined ? [] : [{ level: 'error', message: { text: absent.reason[language] } }]
  return {
    executionSuccessful: report.exitCode !== 3,
    exitCode: report.exitCode,
    toolExecutionNotifications: [...absence, ...notifications],
  }
}

function notificationOf(
  { id, object, reason }: NotEvaluatedCheck,
  language: Language,
  indexes: ReadonlyMap<CheckId, number>,
) {
  const where = object === undefined ? '' : `${objectTitle(object)}: `
  const index = indexes.get(id)
  return {
    level: 'warning',
    message: { text: `${where}${reason[language]}` },
    associatedRule: { id, ...(index === undefined ? {} : { index }) },
  }
}
