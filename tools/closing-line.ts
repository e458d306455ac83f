import type { Reporter, TestCase, TestModule } from 'vitest/node'

/**
 * Ends a test run with what was skipped and why, and one plain line that machines read: `N passed, N failed, N skipped`.
 *
 * @param nothingSkipped a skipped test is then a failure: continuous integration has everything that tests need
 */
export function closingLine(nothingSkipped: boolean): Reporter {
  return {
    onTestRunEnd(modules, _errors, reason) {
      const tests = modules.flatMap((module) => [...module.children.allTests()])
      const count = (state: string): number => tests.filter((test) => test.result().state === state).length
      const skipped = tests.filter((test) => test.result().state === 'skipped')
      for (const title of new Set(skipped.map(skippedTitle))) console.log(`skipped: ${title}`)
      if (nothingSkipped && skipped.length > 0) {
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

function failedToLoad(module: TestModule): boolean {
  return module.errors().length > 0
}
