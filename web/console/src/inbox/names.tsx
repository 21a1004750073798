// How things of a conversation are named and drawn.

import { IconBrandSlack, IconBrandTelegram, IconMessage, IconTerminal2 } from "@tabler/icons-react";
import { useTranslations } from "use-intl";
import { calledBy } from "./customers";

export const CHANNELS = {
  telegram: ["Telegram", IconBrandTelegram],
  slack: ["Slack", IconBrandSlack],
  rest: ["REST", IconTerminal2],
  webchat: [undefined, IconMessage],
} as const;

export const CHANNEL_NAMES = Object.keys(CHANNELS);

const isKnown = (channel: string): channel is keyof typeof CHANNELS => channel in CHANNELS;

/** Channels bear the names of their makers; ours is named in the page's language. */
export function useChannelName(): (channel: string) => string {
  const t = useTranslations();
  return (channel) => (isKnown(channel) ? (CHANNELS[channel][0] ?? t("inbox.webchat")) : channel);
}

/** How a customer is called, who may have no name. */
export function useCustomerName(): (
  customer: { id: string; name: string | null } | null,
  channel: string | undefined,
) => string {
  const channelOf = useChannelName();
  return (customer, channel) => {
    const told = channel === undefined ? undefined : channelOf(channel);
    return customer ? calledBy(customer, told) : (told ?? "–");
  };
}

export function ChannelIcon({ channel, size = 16 }: { channel: string; size?: number }) {
  const nameOf = useChannelName();
  const Icon = isKnown(channel) ? CHANNELS[channel][1] : IconMessage;
  return <Icon size={size} stroke={1.8} role="img" aria-label={nameOf(channel)} style={{ flex: "none" }} />;
}

export const REASONS = [
  "requested",
  "sensitive",
  "low_confidence",
  "flow_stuck",
  "flow",
  "upset",
  "error",
  "taken",
] as const;

/** Why a human was called; one that is not known here is shown as the server names it. */
export function useReason(): (reason: string) => string {
  const t = useTranslations();
  return (reason) => {
    const known = REASONS.find((name) => name === reason);
    return known ? t(`reasons.${known}`) : reason;
  };
}
