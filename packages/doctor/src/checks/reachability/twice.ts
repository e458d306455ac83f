/** Twice a quantity as people write it (`512Mi`, `1.5Gi`, `2`); undefined for other notations. */
export function twice(quantity: string): string | undefined {
  const [, amount = '', unit = ''] = /^(\d{1,12}(?:\.\d{1,6})?)([A-Za-z]{0,2})$/.exec(quantity) ?? []
  return amount === '' ? undefined : `${Number(amount) * 2}${unit}`
}
