// Everything the console says, in one place.

export const words = {
  product: "Babeldesk",
  signIn: "Sign in",
  signOut: "Sign out",
  name: "Name",
  password: "Password",
  wrong: "Wrong name or password.",
  tooMany: (seconds: number) => `Too many tries. Try again in ${Math.ceil(seconds / 60)} min.`,
  unreachable: "The server cannot be reached.",
  lists: "Conversations",
  tabs: { waiting: "Waiting", mine: "Mine", bot: "Bot", all: "All" },
  nobody: {
    waiting: "Nobody is waiting.",
    mine: "You have no open conversations.",
    bot: "Nothing here.",
    all: "Nothing here.",
  },
  more: "Show more",
  pick: "Pick a conversation, or press j.",
  claim: "Claim",
  giveBack: "Return to bot",
  close: "Close",
  closeSure: "Close this conversation?",
  closeWhy: "The customer is told. Their next message opens it again with the bot.",
  cancel: "Cancel",
  dismiss: "Close this window",
  remove: (name: string) => `Remove ${name}`,
  history: "History",
  reply: "Write to the customer…",
  send: "Send",
  attach: "Attach a file",
  claimFirst: "Claim the conversation to answer.",
  others: (name: string) => `${name} has this conversation.`,
  customer: "Customer",
  unnamed: "Unnamed customer",
  channel: "Channel",
  language: "Language",
  waitingSince: "Waiting since",
  reason: "Why it was handed over",
  collected: "Collected so far",
  flow: "Flow under way",
  understood: "Understood as",
  outOfScope: "out of scope",
  decision: "Why",
  entities: "Entities",
  sentiments: { negative: "Negative", neutral: "Neutral", positive: "Positive" } as Record<string, string>,
  anger: "anger",
  urgency: "urgency",
  urgent: "urgent",
  internal: "Internal",
  edited: "edited",
  typing: "The customer is typing…",
  undelivered: "Not delivered",
  retry: "Try again",
  pending: "on its way",
  offline: "Connection lost. Reconnecting…",
  users: "Users",
  problems: "Problems",
  inbox: "Inbox",
  addUser: "Add a user",
  displayName: "Name that customers see",
  role: "Role",
  newPassword: "New password",
  oldPassword: "Present password",
  changePassword: "Change password",
  save: "Save",
  saved: "Saved.",
  models: "Models",
  version: "Version",
  kind: "Kind",
  kinds: { frozen: "classifier", deep: "deep (encoder too)" } as Record<string, string>,
  examples: "Examples",
  languages: "Languages",
  leftOut: "Right on left-out examples",
  serves: "serves",
  inShadow: "in shadow",
  serving: "Serving",
  shadowing: "In shadow",
  promote: "Promote",
  promoteWhy: (name: string) => `${name} answers from the next message on.`,
  rollback: "Roll back",
  rollbackWhy: (name: string) => `${name}, which served before, answers again from the next message on.`,
  challenge: "Run in shadow",
  endChallenge: "Stop the shadow",
  championProblem: "The model needs attention",
  challengerProblem: "The version in shadow cannot be used",
  agreement: "Agreement in shadow",
  agreementIs:
    "The version in shadow reads every message and never answers. They agree where the bot would do the same.",
  agreementIn: (language: string) => `Agreement in ${language}`,
  agreed: "Agreed",
  compared: "Messages compared",
  failedOn: "Failed on",
  dropped: "Dropped, no time",
  disagreements: "Latest disagreements",
  message: "Message",
  components: "Components",
  fine: "fine",
  deadLetters: "Messages that could not be delivered",
  failures: "Messages that could not be handled",
  none: "None.",
  theme: "Light, dark, or as the system",
  shortcuts: "Keyboard shortcuts",
  back: "Back to the list",
  details: "Details",
  reasons: {
    requested: "asked for a person",
    sensitive: "sensitive topic",
    low_confidence: "bot was not sure",
    flow_stuck: "stuck in a form",
    flow: "form to finish",
    upset: "customer is upset",
    error: "something failed",
    taken: "taken by an agent",
  } as Record<string, string>,
  owners: { bot: "With the bot", queue: "Waiting", agent: "With an agent", closed: "Closed" } as Record<string, string>,
  keys: [
    ["j / k", "next / previous conversation"],
    ["c", "claim"],
    ["r", "write a reply"],
    ["b", "return to the bot"],
    ["x", "close"],
    ["Esc", "leave the reply field"],
    ["Enter", "send (Shift+Enter for a new line)"],
    ["?", "this list"],
  ] as [string, string][],
};

export function ago(iso: string, now: number): string {
  const seconds = Math.max(0, Math.round((now - Date.parse(iso)) / 1000));
  if (seconds < 60) {
    return `${seconds} s`;
  }
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) {
    return `${minutes} min`;
  }
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d`;
}

export function percent(share: number | null): string {
  return share === null ? "–" : `${(share * 100).toFixed(1)}%`;
}

export function languageName(code: string): string {
  try {
    return new Intl.DisplayNames(["en"], { type: "language" }).of(code) ?? code;
  } catch {
    return code;
  }
}
