import { describe, expect, it } from 'vitest'
import { readTarget } from './target.ts'

describe('what the doctor is asked about', () => {
  const workload = (kind: string, namespace: string | undefined, name: string) => ({
    kind: 'workload',
    workload: kind,
    namespace,
    name,
  })

  it.each([
    ['', undefined, { kind: 'everything' }],
    ['', 'shop', { kind: 'namespace', name: 'shop' }],
    ['pod shop/cart-1', undefined, workload('Pod', 'shop', 'cart-1')],
    ['po cart-1', 'shop', workload('Pod', 'shop', 'cart-1')],
    ['deploy shop/cart', 'shop', workload('Deployment', 'shop', 'cart')],
    ['deploy/cart', undefined, workload('Deployment', undefined, 'cart')],
    ['Deployments cart', undefined, workload('Deployment', undefined, 'cart')],
    ['sts db', undefined, workload('StatefulSet', undefined, 'db')],
    ['cj shop/report', undefined, workload('CronJob', 'shop', 'report')],
    ['rollout shop/x', undefined, workload('Rollout', 'shop', 'x')],
    ['ns shop', undefined, { kind: 'namespace', name: 'shop' }],
    ['namespace', 'shop', { kind: 'namespace', name: 'shop' }],
    ['webhooks', undefined, { kind: 'webhooks' }],
    ['certs', 'shop', { kind: 'certs' }],
  ])('%s', (words, namespace, target) => {
    expect(readTarget(words.split(' ').filter(Boolean), namespace)).toEqual(target)
  })

  it.each([
    ['pod', undefined, 'which pod?'],
    ['pod shop/', undefined, '"shop/" is no name'],
    ['pod a/b/c', undefined, '"a/b/c" is no name'],
    ['pod shop/cart', 'other', 'is not in the namespace "other" of -n'],
    ['webhooks all', undefined, '"webhooks" takes no name'],
    ['constructor x', undefined, '"constructor" is nothing that the doctor can be asked about'],
    ['shop/cart', undefined, '"shop/cart" is nothing'],
  ])('refuses %s', (words, namespace, message) => {
    expect(() => readTarget(words.split(' '), namespace)).toThrow(message)
  })
})
