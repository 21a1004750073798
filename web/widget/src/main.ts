import { BabeldeskChat } from "./chat";

const auto = (document.currentScript as HTMLScriptElement | null)?.dataset.auto !== undefined;

if (!customElements.get("babeldesk-chat")) {
  customElements.define("babeldesk-chat", BabeldeskChat);
}

// <script src="…/chat/widget.js" data-auto defer></script> needs no element of its own.
if (auto && !document.querySelector("babeldesk-chat")) {
  document.body.append(document.createElement("babeldesk-chat"));
}
