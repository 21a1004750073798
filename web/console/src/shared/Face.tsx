import { Avatar } from "@mantine/core";

const COLORS = ["indigo", "teal", "grape", "orange", "blue", "green"] as const;

/** Somebody's initials, beside their name. */
export function Face({ name, size }: { name: string; size: number }) {
  return (
    <Avatar
      size={size}
      radius="xl"
      name={name}
      color="initials"
      allowedInitialsColors={[...COLORS]}
      alt=""
      aria-hidden
    />
  );
}
