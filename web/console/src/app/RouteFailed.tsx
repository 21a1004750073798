import type { ErrorComponentProps } from "@tanstack/react-router";
import { LoadFailed } from "../shared/states";

/** A page that could not be loaded (its file is gone after an update), or that has failed. */
export function RouteFailed({ error }: ErrorComponentProps) {
  return <LoadFailed error={error} retry={() => location.reload()} />;
}
