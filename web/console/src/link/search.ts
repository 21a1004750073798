// What the address of the page says.

/** The code that Slack has told; none in an address that has lost it. */
export function parseLinkSearch(search: Record<string, unknown>): { code?: string } {
  const { code } = search;
  // The router reads what looks like a number as one.
  return typeof code === "string" || typeof code === "number" ? { code: `${code}` } : {};
}
