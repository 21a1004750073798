import type { PresenceState } from "../api/client";
import classes from "./PresenceDot.module.css";

/** Whether somebody is there, as a dot; it stands beside the state's name. */
export function PresenceDot({ state }: { state: PresenceState }) {
  return <span className={classes.dot} data-state={state} aria-hidden />;
}
