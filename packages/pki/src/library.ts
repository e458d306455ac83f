type Library = typeof import('@peculiar/x509')

let loading: Promise<Library> | undefined

/**
 * The library loads in about 120 ms and needs a polyfill first, so it is loaded by who issues certificates, and not by who
 * only reads them: reading needs node:crypto alone.
 */
export function x509(): Promise<Library> {
  loading ??= load()
  return loading
}

async function load(): Promise<Library> {
  await import('reflect-metadata')
  const library = await import('@peculiar/x509')
  library.cryptoProvider.set(crypto)
  return library
}
