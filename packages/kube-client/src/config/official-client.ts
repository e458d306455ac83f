/** The one part of the official client that is used: alone in a module, so that a bundle leaves out the rest. */
export { KubeConfig } from '@kubernetes/client-node'
