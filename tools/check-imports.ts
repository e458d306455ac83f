/**
 * Holds the house's walls: which package may import which, that the pure packages touch neither Node nor files, and that
 * each declares just what it imports, in one version.
 * docs/architecture.md draws the same picture. Run by `npm run check`.
 */
import { globSync, readFileSync } from 'node:fs'

interface Wall {
  /** Packages of npm and of ours that the sources may import. */
  readonly imports: readonly string[]
  /** Pure packages run in a browser: no `node:` module. */
  readonly pure: boolean
}

const WALLS: Readonly<Record<string, Wall>> = {
  'go-template': { pure: true, imports: ['@noble/hashes', 're2js'] },
  kube: { pure: true, imports: ['@marcbachmann/cel-js', 'js-yaml', 're2js'] },
  injector: { pure: true, imports: ['@noble/hashes', '@proa/go-template', '@proa/kube'] },
  pki: { pure: false, imports: ['@peculiar/x509', 'reflect-metadata'] },
  'kube-client': { pure: false, imports: ['@kubernetes/client-node', '@proa/kube'] },
  manifests: { pure: true, imports: ['@proa/injector', '@proa/kube'] },
  doctor: {
    pure: true,
    imports: ['@noble/hashes', '@proa/injector', '@proa/kube', '@proa/manifests'],
  },
  snapshot: {
    pure: false,
    imports: ['@proa/doctor', '@proa/kube', '@proa/kube-client', '@proa/pki', 'tar-stream'],
  },
  webhook: {
    pure: false,
    imports: [
      '@proa/doctor',
      '@proa/injector',
      '@proa/kube',
      '@proa/kube-client',
      '@proa/pki',
      '@proa/snapshot',
      'pino',
      'pino-pretty',
      'prom-client',
    ],
  },
  'local-cluster': { pure: false, imports: ['@proa/kube', '@proa/pki', 'ws'] },
  cli: {
    pure: false,
    imports: [
      '@proa/doctor',
      '@proa/injector',
      '@proa/kube',
      '@proa/kube-client',
      '@proa/local-cluster',
      '@proa/manifests',
      '@proa/snapshot',
      '@proa/webhook',
      'commander',
      'yaml',
    ],
  },
}

const IMPORT =
  /(?:^|\n)\s*(?:import|export)\b[^'"\n;]*?(?:\{[^}]*\}[^'"\n;]*?)?from\s*['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)|(?:^|\n)import\s+['"]([^'"]+)['"]/g

function importsOf(file: string): readonly string[] {
  return [...readFileSync(file, 'utf8').matchAll(IMPORT)].map((match) => match[1] ?? match[2] ?? match[3] ?? '')
}

function packageName(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')
}

function problemsOf(name: string, wall: Wall): readonly string[] {
  const files = globSync(`packages/${name}/src/**/*.ts`).filter(
    (file) => !file.endsWith('.test.ts') && !file.includes('/testdata/'),
  )
  if (files.length === 0) return [`packages/${name}: there are no sources; is the folder still there?`]
  return files.flatMap((file) =>
    importsOf(file).flatMap((specifier) => {
      if (specifier.startsWith('.')) {
        const outside = new URL(specifier, `file:///${file}`).pathname.startsWith(`/packages/${name}/src/`)
        return outside ? [] : [`${file}: ${specifier} leaves the package; import it by its name`]
      }
      if (specifier.startsWith('node:'))
        return wall.pure ? [`${file}: ${specifier} in a package that runs in a browser`] : []
      const wanted = packageName(specifier)
      return wall.imports.includes(wanted) ? [] : [`${file}: packages/${name} may not import ${wanted}`]
    }),
  )
}

/** What a package may import is what it declares; a dependency that nothing imports would still be installed. */
function undeclared(name: string, { imports }: Wall): readonly string[] {
  const manifest = `packages/${name}/package.json`
  const { dependencies = {} } = JSON.parse(readFileSync(manifest, 'utf8')) as { dependencies?: Record<string, string> }
  const used = new Set(globSync(`packages/${name}/src/**/*.ts`).flatMap(importsOf).map(packageName))
  return [
    ...imports.filter((one) => !Object.hasOwn(dependencies, one)).map((one) => `${manifest}: ${one} is not declared`),
    ...Object.keys(dependencies)
      .filter((one) => !imports.includes(one) || !used.has(one))
      .map((one) => `${manifest}: ${one} is declared and not used`),
    ...Object.entries(dependencies)
      .filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))
      .map(([one, version]) => `${manifest}: ${one} is not pinned: ${version}`),
  ]
}

const problems = Object.entries(WALLS).flatMap(([name, wall]) => [...problemsOf(name, wall), ...undeclared(name, wall)])
const unknown = globSync('packages/*/package.json')
  .map((file) => file.split(/[\\/]/)[1] ?? '')
  .filter((name) => !Object.hasOwn(WALLS, name))
  .map((name) => `packages/${name} has no walls: add it to tools/check-imports.ts and to docs/architecture.md`)

for (const problem of [...problems, ...unknown]) console.error(problem)
if (problems.length + unknown.length > 0) process.exitCode = 1
else console.log(`imports: ${Object.keys(WALLS).length} packages keep to their walls`)
