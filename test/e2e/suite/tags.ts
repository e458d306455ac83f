import { describe, expect, it } from 'vitest'
import type { Cluster } from '../harness/cluster.ts'
import { steadyLoad } from '../harness/load.ts'
import { itNeeds } from './needs.ts'
import { outcomeOf, podOf } from './objects.ts'
import { POLL } from './start.ts'

export function describeTags(cluster: Cluster): void {
  const { client, revision, namespace } = cluster
  const proa = async (...args: readonly string[]) => {
    const result = await cluster.proa(...args)
    expect(result).toMatchObject({ code: 0, stderr: '' })
    return result.stdout
  }

  describe('a tag', () => {
    it('is another name for the revision, as long as it is there', async () => {
      const tag = cluster.name('prod')
      const pod = podOf('web', await cluster.createNamespace({ 'istio.io/rev': tag }))
      await proa('tag', 'set', tag, '--revision', revision)
      await expect.poll(() => outcomeOf(client, pod), POLL).toBe(`injected by ${revision}`)
      expect(await proa('tag', 'list')).toMatch(new RegExp(`^${tag} +${revision} `, 'm'))
      await proa('tag', 'remove', tag, '--yes')
      await expect.poll(() => outcomeOf(client, pod), POLL).toBe('untouched')
      expect(await proa('tag', 'list')).not.toContain(tag)
    })

    itNeeds(cluster, 'alone')(
      'default goes to another revision and back, and at no moment nobody injects',
      async () => {
        const waits = cluster.lacks.kubelet === undefined ? [] : ['--no-wait']
        await proa('install', '--revision', 'canary', '--replicas', '1', ...waits, '--no-check')
        await cluster.runInjectors(1, 'canary')
        const shop = await cluster.createNamespace(cluster.injected)
        const pod = podOf('web', shop)
        const load = steadyLoad(client, (index) => podOf(`web-${index}`, shop), 2)
        await load.more(10)
        await proa('tag', 'set', 'default', '--revision', 'canary')
        await expect.poll(() => outcomeOf(client, pod), POLL).toBe('injected by canary')
        await load.more(10)
        await proa('tag', 'remove', 'default', '--yes')
        await expect.poll(() => outcomeOf(client, pod), POLL).toBe('injected by default')
        await load.more(10)
        await load.stop()
        expect([...load.outcomes.keys()].toSorted()).toEqual(['injected by canary', 'injected by default'])
        await proa('uninstall', '--namespace', namespace, '--revision', 'canary')
      },
    )
  })
}
