// The keys of the English texts are the keys there are.

import type desk from "./messages/desk/en.json";
import type pages from "./messages/pages/en.json";

declare module "use-intl" {
  interface AppConfig {
    Messages: typeof desk & typeof pages;
  }
}
