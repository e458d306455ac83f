/** Whether a CIDR contains an address, IPv4 or IPv6; undefined for what is neither. */
export function cidrContains(cidr: string, address: string): boolean | undefined {
  const slash = cidr.lastIndexOf('/')
  if (slash < 0) return undefined
  const [network, wanted] = [bitsOf(cidr.slice(0, slash)), bitsOf(address)]
  const bits = cidr.slice(slash + 1)
  if (network === undefined || wanted === undefined || !/^\d{1,3}$/.test(bits)) return undefined
  if (network.length !== wanted.length) return false
  const length = Number(bits)
  return length <= network.length && network.slice(0, length) === wanted.slice(0, length)
}

/** 32 or 128 digits of 0 and 1. */
function bitsOf(address: string): string | undefined {
  return address.includes(':') ? bitsOf6(address) : bitsOf4(address)
}

function bitsOf4(address: string): string | undefined {
  const parts = address.split('.')
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) <= 255)) return undefined
  return parts.map((part) => Number(part).toString(2).padStart(8, '0')).join('')
}

function bitsOf6(address: string): string | undefined {
  const halves = address.split('::')
  if (halves.length > 2) return undefined
  const [head = [], tail = []] = halves.map((half) => (half === '' ? [] : half.split(':')))
  const gap = 8 - head.length - tail.length
  if (halves.length === 1 ? gap !== 0 : gap < 1) return undefined
  const groups = [...head, ...Array.from({ length: gap }, () => '0'), ...tail]
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined
  return groups.map((group) => Number.parseInt(group, 16).toString(2).padStart(16, '0')).join('')
}
