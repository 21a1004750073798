// <babeldesk-chat>: the chat as a custom element. Texts are only ever set as text, never as HTML.

import { type Activity, type CardAction, Client, randomId, type Status } from "./client";
import { isRightToLeft, type Strings, stringsFor } from "./strings";
import { ICONS, STYLES } from "./styles";

const LONGEST = 8_000;
const LINK = /https?:\/\/[^\s<>"]+[^\s<>".,;:!?)\]}'»”]/g;

interface Pending {
  text: string;
  value: string | undefined;
  files: File[];
  state: HTMLElement;
}

const SCRIPT = document.currentScript as HTMLScriptElement | null;

function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className = "",
  attributes: Record<string, string> = {},
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  element.className = className;
  for (const [name, value] of Object.entries(attributes)) {
    element.setAttribute(name, value);
  }
  return element;
}

function withIcon<T extends HTMLElement>(element: T, name: keyof typeof ICONS): T {
  element.innerHTML = ICONS[name];
  return element;
}

/** A text with its addresses as links; everything else stays text. */
function linked(target: HTMLElement, text: string): void {
  let position = 0;
  for (const match of text.matchAll(LINK)) {
    target.append(text.slice(position, match.index));
    const link = make("a", "", { href: match[0], target: "_blank", rel: "noopener noreferrer nofollow" });
    link.textContent = match[0];
    target.append(link);
    position = match.index + match[0].length;
  }
  target.append(text.slice(position));
}

export class BabeldeskChat extends HTMLElement {
  private readonly root = this.attachShadow({ mode: "open" });
  private client!: Client;
  private words!: Strings;
  private readonly seen = new Set<string>();
  private readonly pending = new Map<string, Pending>();
  private sending: Promise<unknown> = Promise.resolve();
  private panel!: HTMLElement;
  private log!: HTMLElement;
  private input!: HTMLTextAreaElement;
  private sendButton!: HTMLButtonElement;
  private notice!: HTMLElement;
  private dot!: HTMLElement;
  private count!: HTMLElement;
  private picker!: HTMLInputElement;
  private bubble: HTMLButtonElement | undefined;
  private badge: HTMLElement | undefined;
  private typingRow: HTMLElement | undefined;
  private typingTimer: number | undefined;
  private unread = 0;
  private scheme: MediaQueryList | undefined;

  connectedCallback(): void {
    if (this.panel) {
      this.client.start();
      return;
    }
    this.words = stringsFor(this.language);
    this.build();
    this.followScheme();
    const server = this.getAttribute("server") ?? (SCRIPT?.src ? new URL(SCRIPT.src).origin : location.origin);
    this.client = new Client(server, this.getAttribute("token-url") ?? undefined, this.language, {
      activity: (activity) => this.hear(activity),
      status: (status) => this.showStatus(status),
      reset: () => this.clear(),
    });
    this.client.start();
  }

  disconnectedCallback(): void {
    this.client.stop();
    this.scheme?.removeEventListener("change", this.applyScheme);
  }

  private get language(): string {
    return this.getAttribute("lang") || document.documentElement.lang || navigator.language || "en";
  }

  private get isPage(): boolean {
    return this.getAttribute("mode") === "page";
  }

  // --- the view -------------------------------------------------------------------------------------------------

  private build(): void {
    const { words } = this;
    const style = make("style");
    style.textContent = STYLES;
    const direction = isRightToLeft(this.language) ? "rtl" : "ltr";
    const frame = make("div", "", { dir: direction, lang: this.language });
    frame.style.height = "100%";
    const heading = this.getAttribute("heading") ?? words.title;
    this.panel = make("section", this.isPage ? "panel" : "panel floating", { "aria-label": heading });
    this.panel.append(this.header(heading));
    this.notice = make("div", "notice", { role: "status" });
    this.notice.hidden = true;
    this.log = make("div", "log", {
      role: "log",
      "aria-live": "polite",
      "aria-relevant": "additions",
      tabindex: "0",
      "aria-label": heading,
    });
    this.panel.append(this.notice, this.log, this.composer());
    frame.append(this.panel);
    if (!this.isPage) {
      this.bubble = withIcon(make("button", "bubble", { type: "button", "aria-label": words.open }), "chat");
      this.badge = make("span", "badge");
      this.badge.hidden = true;
      this.bubble.append(this.badge);
      this.bubble.onclick = () => this.toggle(Boolean(this.panel.hidden));
      frame.append(this.bubble);
      this.panel.hidden = !this.hasAttribute("open");
      this.panel.addEventListener("keydown", (event) => {
        if (event.key === "Escape") {
          this.toggle(false);
        }
      });
    }
    this.acceptFiles();
    this.root.append(style, frame);
  }

  private header(heading: string): HTMLElement {
    const header = make("header");
    this.dot = make("span", "dot", { "data-status": "connecting" });
    const title = make("h2");
    title.textContent = heading;
    const renew = withIcon(
      make("button", "icon", { type: "button", "aria-label": this.words.restart, title: this.words.restart }),
      "restart",
    );
    renew.onclick = () => this.client.renew();
    header.append(this.dot, title, renew);
    if (!this.isPage) {
      const close = withIcon(make("button", "icon", { type: "button", "aria-label": this.words.close }), "close");
      close.onclick = () => this.toggle(false);
      header.append(close);
    }
    return header;
  }

  private composer(): HTMLElement {
    const { words } = this;
    const form = make("form");
    const compose = make("div", "compose column");
    const attach = withIcon(
      make("button", "icon", { type: "button", "aria-label": words.attach, title: words.attach }),
      "attach",
    );
    this.picker = make("input", "sr", { type: "file", multiple: "", tabindex: "-1", "aria-hidden": "true" });
    this.picker.onchange = () => {
      this.sendFiles([...(this.picker.files ?? [])]);
      this.picker.value = "";
    };
    attach.onclick = () => this.picker.click();
    this.input = make("textarea", "", {
      rows: "1",
      placeholder: words.write,
      "aria-label": words.write,
      dir: "auto",
      enterkeyhint: "send",
    });
    this.sendButton = withIcon(make("button", "send", { type: "submit", "aria-label": words.send }), "send");
    this.sendButton.disabled = true;
    this.count = make("div", "count column", { "aria-live": "polite" });
    this.count.hidden = true;
    this.input.oninput = () => {
      this.fit();
      this.client.typing();
    };
    this.input.onkeydown = (event) => {
      // While an input method is composing, Enter picks a candidate.
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.keyCode !== 229) {
        event.preventDefault();
        form.requestSubmit();
      }
    };
    form.onsubmit = (event) => {
      event.preventDefault();
      const text = this.input.value.trim();
      if (text && text.length <= LONGEST) {
        this.input.value = "";
        this.fit();
        this.submit(text);
      }
    };
    compose.append(attach, this.picker, this.input, this.sendButton);
    form.append(compose, this.count);
    return form;
  }

  private fit(): void {
    this.input.style.height = "auto";
    this.input.style.height = `${this.input.scrollHeight + 2}px`;
    const length = this.input.value.trim().length;
    this.sendButton.disabled = length === 0 || length > LONGEST;
    this.count.hidden = length < LONGEST * 0.9;
    this.count.toggleAttribute("data-over", length > LONGEST);
    this.count.textContent =
      length > LONGEST ? `${this.words.tooLong}: ${length} / ${LONGEST}` : `${length} / ${LONGEST}`;
  }

  private acceptFiles(): void {
    this.panel.addEventListener("dragover", (event) => {
      event.preventDefault();
      this.panel.classList.add("drop");
    });
    this.panel.addEventListener("dragleave", () => this.panel.classList.remove("drop"));
    this.panel.addEventListener("drop", (event) => {
      event.preventDefault();
      this.panel.classList.remove("drop");
      this.sendFiles([...(event.dataTransfer?.files ?? [])]);
    });
    this.panel.addEventListener("paste", (event) => {
      const files = [...(event.clipboardData?.files ?? [])];
      if (files.length) {
        event.preventDefault();
        this.sendFiles(files);
      }
    });
  }

  private toggle(open: boolean): void {
    this.panel.hidden = !open;
    if (this.bubble) {
      this.bubble.setAttribute("aria-label", open ? this.words.close : this.words.open);
      this.bubble.setAttribute("aria-expanded", String(open));
    }
    if (open) {
      this.unread = 0;
      this.showUnread();
      this.input.focus();
      this.toEnd(true);
    } else {
      this.bubble?.focus();
    }
  }

  private showUnread(): void {
    if (this.badge) {
      this.badge.hidden = this.unread === 0;
      this.badge.textContent = String(this.unread);
    }
  }

  private showStatus(status: Status): void {
    this.dot.dataset.status = status;
    this.notice.hidden = status !== "offline";
    this.notice.textContent = status === "offline" ? this.words.offline : "";
    if (status === "online") {
      for (const [id, pending] of this.pending) {
        this.deliver(id, pending);
      }
    }
  }

  private readonly applyScheme = (): void => {
    const wanted = this.getAttribute("theme") ?? "auto";
    const page = getComputedStyle(document.documentElement).colorScheme;
    const dark = wanted === "auto" ? page === "dark" || (page !== "light" && this.scheme?.matches) : wanted === "dark";
    this.toggleAttribute("data-dark", Boolean(dark));
  };

  private followScheme(): void {
    this.scheme = matchMedia("(prefers-color-scheme: dark)");
    this.scheme.addEventListener("change", this.applyScheme);
    this.applyScheme();
  }

  private clear(): void {
    this.log.replaceChildren();
    this.seen.clear();
    this.pending.clear();
    this.input.focus();
  }

  // --- what is said ---------------------------------------------------------------------------------------------

  private submit(text: string, value?: string): void {
    const id = randomId();
    const row = this.row("me", text);
    const state = make("div", "state");
    row.append(state);
    const pending: Pending = { text, value, files: [], state };
    this.pending.set(id, pending);
    row.dataset.client = id;
    this.removeChoices();
    this.add(row, true);
    this.deliver(id, pending);
  }

  private sendFiles(files: File[]): void {
    if (!files.length) {
      return;
    }
    const id = randomId();
    const row = this.row("me", files.map((file) => file.name).join("\n"));
    const state = make("div", "state");
    row.append(state);
    row.dataset.client = id;
    const pending: Pending = { text: "", value: undefined, files, state };
    this.pending.set(id, pending);
    this.add(row, true);
    this.deliver(id, pending);
  }

  private deliver(id: string, pending: Pending): void {
    pending.state.className = "state";
    pending.state.textContent = this.words.sending;
    // One after the other: what was written first arrives first, also when all that waited is sent at once.
    const sent = this.sending.then(async () => {
      if (this.pending.get(id) !== pending) {
        return; // it has arrived meanwhile, or its conversation was left
      }
      await (pending.files.length
        ? this.client.upload(id, pending.files, pending.text)
        : this.client.send(id, pending.text, pending.value));
    });
    this.sending = sent.catch(() => undefined);
    sent.then(
      () => {
        this.pending.delete(id);
        this.showSent(pending.state);
      },
      () => {
        if (this.pending.get(id) !== pending) {
          return; // it has arrived all the same: its answer was lost, but it came back over the socket
        }
        const retry = make("button", "", { type: "button" });
        retry.textContent = this.words.failed;
        retry.onclick = () => this.deliver(id, pending);
        pending.state.replaceChildren(retry);
      },
    );
  }

  private showSent(state: HTMLElement): void {
    state.className = "state sent";
    state.textContent = this.words.sent;
  }

  private hear(activity: Activity): void {
    const mine = activity.from.role === "user";
    if (activity.type === "typing" && !mine) {
      this.showTyping();
      return;
    }
    if (activity.type !== "message" || (activity.id && this.seen.has(activity.id))) {
      return;
    }
    if (activity.id) {
      this.seen.add(activity.id);
    }
    if (mine) {
      this.hearOwn(activity);
      return;
    }
    this.hideTyping();
    const author = activity.channelData?.babeldesk?.author ?? "bot";
    const actions = activity.suggestedActions?.actions ?? [];
    const row = this.row(author === "system" && actions.length === 0 ? "system" : "them", activity.text ?? "");
    if (author === "agent" && activity.from.name) {
      const name = make("div", "name");
      name.textContent = activity.from.name;
      row.prepend(name);
    }
    this.addFiles(row, activity);
    this.removeChoices();
    if (actions.length) {
      row.append(this.choices(actions));
    }
    this.add(row, false);
    if (this.panel.hidden) {
      this.unread += 1;
      this.showUnread();
    }
  }

  /** Our own message comes back: it takes the place of the one that was shown at once. */
  private hearOwn(activity: Activity): void {
    const id = activity.channelData?.clientActivityID;
    const shown = id ? this.log.querySelector<HTMLElement>(`[data-client="${CSS.escape(id)}"]`) : null;
    if (id && shown) {
      this.pending.delete(id);
      const state = shown.querySelector<HTMLElement>(".state");
      if (state) {
        this.showSent(state);
      }
      if (activity.attachments?.length) {
        const message = shown.querySelector<HTMLElement>(".message");
        message?.replaceChildren();
        this.addFiles(shown, activity);
      }
      return;
    }
    const row = this.row("me", activity.text ?? "");
    this.addFiles(row, activity);
    this.removeChoices();
    this.add(row, false);
  }

  private row(kind: "me" | "them" | "system", text: string): HTMLElement {
    const row = make("div", `row column ${kind}`);
    const message = make("div", "message", { dir: "auto" });
    linked(message, text);
    row.append(message);
    return row;
  }

  private addFiles(row: HTMLElement, activity: Activity): void {
    const message = row.querySelector<HTMLElement>(".message");
    for (const attachment of activity.attachments ?? []) {
      const href = this.client.address(attachment.contentUrl);
      if (!/^https?:/.test(href)) {
        continue;
      }
      const link = make("a", "file", { href, target: "_blank", rel: "noopener noreferrer" });
      if (/^image\/(png|jpeg|gif|webp)$/.test(attachment.contentType)) {
        const image = make("img", "", { src: href, alt: attachment.name ?? "", loading: "lazy" });
        image.onload = () => this.toEnd(false);
        link.append(image);
      } else {
        link.textContent = `📎 ${attachment.name ?? ""}`;
      }
      message?.append(link);
    }
  }

  private choices(actions: CardAction[]): HTMLElement {
    const group = make("div", "choices", { role: "group" });
    for (const action of actions) {
      const button = make("button", "", { type: "button", dir: "auto" });
      button.textContent = action.title;
      button.onclick = () => {
        this.submit(action.title, action.value ?? action.title);
        this.input.focus();
      };
      group.append(button);
    }
    return group;
  }

  private removeChoices(): void {
    for (const old of this.log.querySelectorAll(".choices")) {
      old.remove();
    }
  }

  private showTyping(): void {
    if (!this.typingRow) {
      this.typingRow = make("div", "row column them");
      const dots = make("div", "typing");
      dots.append(make("i"), make("i"), make("i"));
      const label = make("span", "sr");
      label.textContent = this.words.typing;
      this.typingRow.append(dots, label);
    }
    this.add(this.typingRow, false);
    clearTimeout(this.typingTimer);
    this.typingTimer = window.setTimeout(() => this.hideTyping(), 6_000);
  }

  private hideTyping(): void {
    clearTimeout(this.typingTimer);
    this.typingRow?.remove();
  }

  private add(row: HTMLElement, always: boolean): void {
    const near = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 160;
    this.log.append(row);
    if (this.typingRow?.isConnected && row !== this.typingRow) {
      this.log.append(this.typingRow);
    }
    if (always || near) {
      this.toEnd(true);
    }
  }

  private toEnd(always: boolean): void {
    const near = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 400;
    if (always || near) {
      this.log.scrollTop = this.log.scrollHeight;
    }
  }
}
