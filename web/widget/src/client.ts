// A Direct Line 3.0 client: opens a conversation, keeps its stream, and comes back after a cut without loss or double.

export interface CardAction {
  title: string;
  value?: string;
}

export interface Attachment {
  contentType: string;
  contentUrl: string;
  name?: string;
}

export interface Activity {
  type: string;
  id?: string;
  timestamp?: string;
  text?: string;
  from: { id: string; role?: string; name?: string };
  value?: string;
  locale?: string;
  suggestedActions?: { actions: CardAction[] };
  attachments?: Attachment[];
  channelData?: { clientActivityID?: string; babeldesk?: { author: string; language?: string } };
}

export type Status = "connecting" | "online" | "offline";

export interface Handlers {
  activity(activity: Activity): void;
  status(status: Status): void;
  reset(): void;
}

interface Grant {
  conversationId: string;
  token: string;
  expires_in: number;
  streamUrl?: string;
  resume?: string;
}

const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 30_000;
const PATIENCE = 30_000;
const FILE_PATIENCE = 600_000;

class Refused extends Error {
  constructor(readonly status: number) {
    super(`HTTP ${status}`);
  }
}

/** A random id, also on pages without a secure context, where `crypto.randomUUID` is missing. */
export function randomId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");
}

export class Client {
  private grant: Grant | undefined;
  private socket: WebSocket | undefined;
  private watermark = "";
  private failures = 0;
  private timer: number | undefined;
  private refreshTimer: number | undefined;
  private stopped = false;
  private lastTyping = 0;

  constructor(
    private readonly server: string,
    private readonly tokenUrl: string | undefined,
    private readonly locale: string,
    private readonly handlers: Handlers,
  ) {}

  start(): void {
    this.stopped = false;
    addEventListener("online", this.wake);
    void this.connect();
  }

  stop(): void {
    this.stopped = true;
    removeEventListener("online", this.wake);
    clearTimeout(this.timer);
    clearTimeout(this.refreshTimer);
    this.socket?.close();
  }

  /** Leave this conversation and open another. */
  renew(): void {
    this.forget();
    this.grant = undefined;
    this.watermark = "";
    const socket = this.socket;
    this.socket = undefined;
    socket?.close();
    this.handlers.reset();
    void this.connect();
  }

  /** Send a message; it may be sent again with the same id, which the server knows as a repeat. */
  async send(clientId: string, text: string, value?: string): Promise<void> {
    await this.post("activities", {
      type: "message",
      from: { id: "user" },
      text,
      locale: this.locale,
      ...(value === undefined ? {} : { value }),
      channelData: { clientActivityID: clientId, ...(value === undefined ? {} : { postBack: true }) },
    });
  }

  async upload(clientId: string, files: File[], text: string): Promise<void> {
    const form = new FormData();
    const activity = { type: "message", from: { id: "user" }, text, channelData: { clientActivityID: clientId } };
    form.append("activity", new Blob([JSON.stringify(activity)], { type: "application/vnd.microsoft.activity" }));
    for (const file of files) {
      form.append("file", file, file.name);
    }
    await this.request(`conversations/${this.conversation()}/upload`, { method: "POST", body: form });
  }

  /** Tell that the customer is typing, at most every three seconds. */
  typing(): void {
    const now = Date.now();
    if (this.grant && now - this.lastTyping > 3_000) {
      this.lastTyping = now;
      this.post("activities", { type: "typing", from: { id: "user" } }).catch(() => undefined);
    }
  }

  address(path: string): string {
    return new URL(path, this.server).href;
  }

  private readonly wake = (): void => {
    if (this.socket?.readyState === WebSocket.OPEN) {
      // The socket has outlived the cut; what could not be sent meanwhile can be sent now.
      this.handlers.status("online");
      return;
    }
    this.failures = 0;
    clearTimeout(this.timer);
    void this.connect();
  };

  private async connect(): Promise<void> {
    this.handlers.status(this.failures > 1 ? "offline" : "connecting");
    try {
      if (!this.grant) {
        await this.open();
      }
      const grant = this.grant as unknown as Grant;
      const query = this.watermark ? `?watermark=${encodeURIComponent(this.watermark)}` : "";
      const again = await this.request<Grant>(`conversations/${grant.conversationId}${query}`);
      this.listen(again.streamUrl ?? "");
    } catch (error) {
      if (error instanceof Refused && [401, 403, 404].includes(error.status)) {
        // The token has expired, or the server has another key: the saved conversation is tried, then a new one.
        if (this.grant) {
          this.grant = undefined;
        } else {
          this.forget();
        }
      }
      this.later();
    }
  }

  private async open(): Promise<void> {
    const saved = this.saved();
    const body = saved ? { resume: saved, locale: this.locale } : { locale: this.locale };
    const granted = this.tokenUrl
      ? ((await (await fetch(this.tokenUrl, { method: "POST" })).json()) as Grant)
      : await this.request<Grant>("tokens/generate", { method: "POST", json: body, bare: true });
    this.grant = granted;
    if (granted.resume) {
      this.save(granted.resume);
    }
    await this.request<Grant>("conversations", { method: "POST" });
    this.keepFresh(granted.expires_in);
  }

  private keepFresh(seconds: number): void {
    clearTimeout(this.refreshTimer);
    this.refreshTimer = window.setTimeout(
      async () => {
        try {
          const fresh = await this.request<Grant>("tokens/refresh", { method: "POST" });
          if (this.grant) {
            this.grant.token = fresh.token;
          }
          this.keepFresh(fresh.expires_in);
        } catch {
          this.keepFresh(60);
        }
      },
      Math.max(10, seconds * 0.7) * 1_000,
    );
  }

  private listen(url: string): void {
    const socket = new WebSocket(url);
    this.socket = socket;
    socket.onopen = () => {
      this.failures = 0;
      this.handlers.status("online");
    };
    socket.onmessage = (event: MessageEvent<string>) => {
      if (!event.data || socket !== this.socket) {
        return;
      }
      const told = JSON.parse(event.data) as { activities: Activity[]; watermark?: string };
      for (const activity of told.activities) {
        this.handlers.activity(activity);
      }
      this.watermark = told.watermark ?? this.watermark;
    };
    socket.onclose = () => {
      if (socket === this.socket) {
        this.later();
      }
    };
  }

  private later(): void {
    if (this.stopped) {
      return;
    }
    this.failures += 1;
    this.handlers.status(this.failures > 1 ? "offline" : "connecting");
    const whole = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (this.failures - 1));
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.connect(), whole / 2 + (Math.random() * whole) / 2);
  }

  private async post(path: string, json: unknown): Promise<void> {
    await this.request(`conversations/${this.conversation()}/${path}`, { method: "POST", json });
  }

  private conversation(): string {
    if (!this.grant) {
      throw new Refused(0);
    }
    return this.grant.conversationId;
  }

  private async request<T>(
    path: string,
    options: { method?: string; json?: unknown; body?: BodyInit; bare?: boolean } = {},
  ): Promise<T> {
    const headers: Record<string, string> = {};
    if (this.grant && !options.bare) {
      headers.Authorization = `Bearer ${this.grant.token}`;
    }
    if (options.json !== undefined) {
      headers["Content-Type"] = "application/json";
    }
    const body = options.json === undefined ? options.body : JSON.stringify(options.json);
    const response = await fetch(this.address(`/v3/directline/${path}`), {
      method: options.method ?? "GET",
      headers,
      // What hangs must not hold up for minutes what was written after it; files may take their time.
      signal: AbortSignal.timeout(options.body === undefined ? PATIENCE : FILE_PATIENCE),
      ...(body === undefined ? {} : { body }),
    });
    if (!response.ok) {
      throw new Refused(response.status);
    }
    return (await response.json()) as T;
  }

  private key(): string {
    return `babeldesk:${this.server}`;
  }

  // Storage may be refused (private windows, embedded pages); then a reload begins anew.
  private saved(): string | undefined {
    try {
      return localStorage.getItem(this.key()) ?? undefined;
    } catch {
      return undefined;
    }
  }

  private save(resume: string): void {
    try {
      localStorage.setItem(this.key(), resume);
    } catch {
      // as above
    }
  }

  private forget(): void {
    try {
      localStorage.removeItem(this.key());
    } catch {
      // as above
    }
  }
}
