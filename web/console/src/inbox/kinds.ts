// Of what kind something may be that is known of a customer.

export const KINDS = ["string", "number", "date", "boolean"] as const;
export type Kind = (typeof KINDS)[number];

/** What was written in a field, as a value of its kind. */
export function readValue(kind: Kind, written: string): string | number | boolean {
  switch (kind) {
    case "number":
      return Number(written);
    case "boolean":
      return written === "true";
    default:
      return written;
  }
}
