// Customers as people: how they are called, and what two of them are together.

import type { Attribute, Message, Profile } from "../api/client";

/** Letters of an id by which people are told apart, and found. */
const SHORT = 6;

export const shortId = (id: string): string => id.slice(0, SHORT);

/** A customer's name; who has none is told from others by the channel and the beginning of their id. */
export const calledBy = (customer: { id: string; name: string | null }, channel: string | undefined): string =>
  customer.name ?? [channel, shortId(customer.id)].filter(Boolean).join(" · ");

export interface Together {
  name: string | null;
  identities: Profile["identities"];
  /** What is known, by name; `lost` is what the other one's says if it is not the same. */
  attributes: { name: string; value: Attribute; lost: Attribute | undefined }[];
}

type Known = Pick<Profile, "name" | "identities" | "attributes">;

/** What is shown once `other` is shown as `kept`, as the server does it: of the one that is kept, all prevails. */
export function together(kept: Known, other: Known): Together {
  const names = [...new Set([...Object.keys(kept.attributes), ...Object.keys(other.attributes)])].sort();
  return {
    name: kept.name ?? other.name,
    identities: [...kept.identities, ...other.identities],
    attributes: names.flatMap((name) => {
      const own = kept.attributes[name];
      const theirs = other.attributes[name];
      const value = own ?? theirs;
      const lost = own && theirs && own.value !== theirs.value ? theirs : undefined;
      return value ? [{ name, value, lost }] : [];
    }),
  };
}

/** The place of the last thing that a customer said; undefined if they said nothing. */
export const lastHeard = (messages: readonly Pick<Message, "author" | "internal" | "seq">[]): number | undefined =>
  messages.findLast((message) => message.author === "customer" && !message.internal)?.seq;
