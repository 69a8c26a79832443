const PALETTE = 8;

/** The colour of a class: by its place in the schema, so that it is the same in every view. */
export function colourOf(name: string, classes: readonly string[]): number {
  const known = classes.indexOf(name);
  if (known >= 0) return known % PALETTE;
  let sum = 0;
  for (const letter of name) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 9973;
  return sum % PALETTE;
}

/** Keys 1 to 9, then 0, choose classes. */
export function classOfKey(key: string, classes: readonly string[]): string | undefined {
  if (!/^[0-9]$/.test(key)) return undefined;
  return classes[key === "0" ? 9 : Number(key) - 1];
}
