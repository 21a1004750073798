import { Center, Loader } from "@mantine/core";
import { Outlet } from "@tanstack/react-router";
import { useLanguage } from "../i18n/Language";
import { LoadFailed } from "../shared/states";

/** A page beside the inbox: its texts come after those of the inbox. */
export function WithTexts() {
  const { pages } = useLanguage();
  if (pages === "loaded") {
    return <Outlet />;
  }
  if (pages === "loading") {
    return (
      <Center p="xl">
        <Loader />
      </Center>
    );
  }
  return <LoadFailed error={pages.failed} retry={() => location.reload()} />;
}
