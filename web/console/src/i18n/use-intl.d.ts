// The keys of the English texts are the keys there are.

import type messages from "./messages/en.json";

declare module "use-intl" {
  interface AppConfig {
    Messages: typeof messages;
  }
}
