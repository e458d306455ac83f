/**
 * As much of Helm as the chart needs: the objects that templates see, and the functions that Helm adds to sprig. The
 * templates run in our own engine.
 */
import { globSync, readFileSync } from 'node:fs'
import {
  compileTemplate,
  type FunctionMap,
  type GoStruct,
  goFunction,
  goKind,
  type PlainMap,
  type Template,
  type Value,
} from '@proa/go-template'
import { sprigFunctions } from '@proa/go-template/sprig'
import { dumpYaml, isObject, type Json, type JsonObject, parseYaml, parseYamlDocuments } from '@proa/kube'

export interface Release {
  readonly namespace: string
  /** Over the chart's own, key by key. */
  readonly values: JsonObject
}

/** The objects that a chart renders to, as `helm template` prints them. */
export function renderChart(folder: URL, { namespace, values }: Release): JsonObject[] {
  const read = (name: string): string => readFileSync(new URL(name, folder), 'utf8')
  const chart = parseYaml(read('Chart.yaml')) as JsonObject
  const data = {
    Values: overlay(parseYaml(read('values.yaml')) as JsonObject, values),
    Release: { Name: 'proa', Namespace: namespace, Service: 'Helm' },
    Chart: { Name: chart.name, Version: chart.version, AppVersion: chart.appVersion },
    Capabilities: { KubeVersion: { Version: 'v1.36.0' } },
    Files: filesOf(read),
  } as unknown as PlainMap
  const helpers = globSync('templates/*.tpl', { cwd: folder }).sort().map(read).join('\n')
  return globSync('templates/*.yaml', { cwd: folder })
    .sort()
    .flatMap((name) => parseYamlDocuments(renderFile(`${helpers}\n${read(name)}`, name, data)))
    .map(({ value }) => value)
    .filter((value) => value !== null)
    .map((value) => {
      if (!isObject(value)) throw new Error(`not an object: ${JSON.stringify(value)}`)
      return value
    })
}

/** `.Files.Get "name"` is a method. */
function filesOf(read: (name: string) => string): GoStruct {
  return {
    [goKind]: 'struct',
    typeName: 'engine.files',
    pointer: false,
    fieldNames: () => [],
    hasField: () => false,
    field: () => undefined,
    method: (name) => (name === 'Get' ? goFunction(['string'], read) : undefined),
  }
}

function renderFile(text: string, name: string, data: PlainMap): string {
  const template: Template = compileTemplate(name, text, {
    functions: { ...sprigFunctions({ env: () => undefined }), ...helmFunctions(() => template) },
    missingKey: 'zero',
  })
  return template.execute(data)
}

function helmFunctions(template: () => Template): FunctionMap {
  const any = 'any'
  return {
    include: goFunction(['string', any], (name: string, data: Value) => template().executeNamed(name, data)),
    toYaml: goFunction([any], (value: Value) => dumpYaml(plain(value)).trimEnd()),
    fromYaml: goFunction(['string'], (text: string) => parseYaml(text) as Value),
    required: goFunction(['string', any], (message: string, value: Value) => {
      if (value === null || value === undefined || value === '') throw new Error(message)
      return value
    }),
  }
}

/** Template literals make big integers. */
function plain(value: Value): Json {
  return JSON.parse(JSON.stringify(value, (_, one: unknown) => (typeof one === 'bigint' ? Number(one) : one))) as Json
}

/** Helm's merge of values: maps by key, everything else as a whole. */
function overlay(below: JsonObject, above: JsonObject): JsonObject {
  const keys = [...new Set([...Object.keys(below), ...Object.keys(above)])]
  return Object.fromEntries(
    keys.map((key) => {
      const [low, high] = [below[key], above[key]]
      if (high === undefined) return [key, low ?? null]
      return [key, isObject(low) && isObject(high) ? overlay(low, high) : high]
    }),
  )
}
