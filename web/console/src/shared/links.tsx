import { Anchor, type AnchorProps } from "@mantine/core";
import { createLink } from "@tanstack/react-router";
import { forwardRef } from "react";

/** A link within the console that looks like text. */
export const TextLink = createLink(
  forwardRef<HTMLAnchorElement, AnchorProps & { dir?: "auto"; title?: string }>(function TextLink(props, ref) {
    return <Anchor ref={ref} {...props} />;
  }),
);
