export * from './json.ts'
export * from './yaml.ts'
