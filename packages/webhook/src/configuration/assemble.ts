import { type ConfigurationSources, InjectionConfigurationError, loadConfiguration } from '@proa/injector'
import { deepEqual, type JsonObject } from '@proa/kube'
import type { LoadedConfiguration, PlainConfigurationOptions } from '../contracts.ts'
import type { Watchable } from '../watched.ts'

/** What the texts are at the moment, or why there are none. */
export type Texts =
  | { readonly sources: ConfigurationSources; readonly problem?: never }
  | { readonly sources?: never; readonly problem: string }

/** What of the cluster goes into a configuration; undefined where it is not known. */
export interface ClusterFacts {
  readonly nodes?: readonly JsonObject[]
  readonly proxyConfigs?: readonly JsonObject[]
}

export interface Assembler {
  /** Takes the newest state of everything that makes a configuration. It is used as a whole or not at all. */
  update(texts: Texts, facts: ClusterFacts): void
}

interface Inputs {
  readonly sources: ConfigurationSources
  readonly facts: ClusterFacts
}

/**
 * Config, values, mesh and cluster facts are read, checked and compiled together, once for each change. What is bad in any
 * of them leaves the last good whole in use: never new templates with old values.
 */
export function assembler(options: PlainConfigurationOptions, state: Watchable<LoadedConfiguration>): Assembler {
  let good: Inputs | undefined
  let bad: Inputs | undefined

  const load = (inputs: Inputs): void => {
    const loaded = read(inputs, options)
    if (typeof loaded === 'string') {
      bad = inputs
      state.fail(loaded)
      return
    }
    good = inputs
    bad = undefined
    state.set({ ...loaded, generation: (state.current?.generation ?? 0) + 1 })
  }
  return {
    update({ sources, problem }, facts) {
      if (problem !== undefined) {
        bad = undefined
        state.fail(problem)
        return
      }
      const inputs = { sources, facts }
      if (state.current !== undefined && same(good, inputs)) {
        bad = undefined
        // Back to what is in use: nothing is wrong any more, and nothing new.
        state.set(state.current)
      } else if (!same(bad, inputs)) load(inputs)
    },
  }
}

/** The configuration, or what is wrong with it. */
function read(
  { sources, facts }: Inputs,
  given: PlainConfigurationOptions,
): Omit<LoadedConfiguration, 'generation'> | string {
  const options = { ...given, ...facts }
  const env = (name: string): string | undefined => (Object.hasOwn(given.env, name) ? given.env[name] : undefined)
  try {
    const configuration = loadConfiguration(sources, { ...options, env })
    const fatal = configuration.problems.find((problem) => problem.fatal === true)
    return fatal === undefined ? { sources, options, configuration } : new InjectionConfigurationError(fatal).message
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function same(a: Inputs | undefined, b: Inputs): boolean {
  return a !== undefined && deepEqual(plain(a), plain(b))
}

/** As data; what is absent is absent. */
function plain({ sources, facts }: Inputs): JsonObject {
  const texts = [sources.config, sources.values, sources.mesh].map((one) => one?.text ?? null)
  return { texts, nodes: facts.nodes ?? null, proxyConfigs: facts.proxyConfigs ?? null }
}
