// What a page embeds the chat with.

/** `base` is where browsers reach the server; a slash at its end is left out. */
export const snippetOf = (base: string): string =>
  `<script src="${base.replace(/\/+$/, "")}/chat/widget.js" defer></script>\n<babeldesk-chat></babeldesk-chat>`;

/** What a channel's state comes to. */
export type Standing = "off" | "trouble" | "fine" | "ready";

/** Platforms are connected to; those who call us only find us ready. */
export function standingOf(channel: {
  configured: boolean;
  problem: string | null;
  receives: string | null;
}): Standing {
  if (!channel.configured) {
    return "off";
  }
  return channel.problem ? "trouble" : channel.receives === "http" ? "ready" : "fine";
}
