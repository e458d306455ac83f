import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { Reporter, TestCase, TestModule } from 'vitest/node'

/**
 * Ends a test run with what was skipped and why, and one plain line that machines read: `N passed, N failed, N skipped`.
 *
 * @param nothingSkipped a skipped test is then a failure: continuous integration has everything that tests need. But for what
 *   nobody can bring along, as a real API server: tests whose title says `skipped: A is not set` or `skipped: A or B is not set`,
 *   of environment variables that are indeed not set, `skipped: kubectl is not on PATH` of a program that is indeed not there, or
 *   `skipped: this cluster …` of what the cluster that was given cannot do, are listed and do no harm.
 */
export function closingLine(nothingSkipped: boolean): Reporter {
  return {
    onTestRunEnd(modules, _errors, reason) {
      const tests = modules.flatMap((module) => [...module.children.allTests()])
      const count = (state: string): number => tests.filter((test) => test.result().state === state).length
      const skipped = tests.filter((test) => test.result().state === 'skipped')
      for (const title of new Set(skipped.map(skippedTitle))) console.log(`skipped: ${title}`)
      if (nothingSkipped && !skipped.every((test) => isExcused(skippedTitle(test), process.env))) {
        console.error('nothing may be skipped here')
        process.exitCode = 1
      }
      const broken = modules.filter(failedToLoad).length + (reason === 'failed' && count('failed') === 0 ? 1 : 0)
      console.log(`${count('passed')} passed, ${count('failed') + broken} failed, ${skipped.length} skipped`)
    },
  }
}

/** The outermost skipped suite says why; a test that is skipped alone says so itself. */
function skippedTitle(test: TestCase): string {
  const titles = test.fullName.split(' > ')
  const reasoned = titles.findIndex((title) => title.includes('skipped'))
  const title = reasoned === -1 ? titles.join(' > ') : titles.slice(0, reasoned + 1).join(' > ')
  return `${test.module.relativeModuleId}: ${title}`
}

/** Whether a title gives a reason that holds; see {@link closingLine}. */
export function isExcused(title: string, env: Readonly<Record<string, string | undefined>>): boolean {
  const [, variables] = /skipped: ([A-Z0-9_]+(?: or [A-Z0-9_]+)*) is not set/.exec(title) ?? []
  if (variables !== undefined) return variables.split(' or ').every((name) => (env[name] ?? '') === '')
  if (title.includes('skipped: this cluster ')) return true
  const [, program] = /skipped: ([\w.-]+) is not on PATH/.exec(title) ?? []
  if (program === undefined) return false
  return !(env.PATH ?? '').split(delimiter).some((folder) => folder !== '' && existsSync(join(folder, program)))
}

function failedToLoad(module: TestModule): boolean {
  return module.errors().length > 0
}
