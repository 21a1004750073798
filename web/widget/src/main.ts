import { BabeldeskChat } from "./chat";

const auto = (document.currentScript as HTMLScriptElement | null)?.dataset.auto !== undefined;

if (!customElements.get("babeldesk-chat")) {
  customElements.define("babeldesk-chat", BabeldeskChat);
}

// <script src="…/chat/widget.js" data-auto defer></script> needs no element of its own.
const appear = (): void => {
  if (!document.querySelector("babeldesk-chat")) {
    document.body.append(document.createElement("babeldesk-chat"));
  }
};
if (auto) {
  // A script in the head that is not deferred runs before there is a body.
  if (document.body) {
    appear();
  } else {
    addEventListener("DOMContentLoaded", appear);
  }
}
