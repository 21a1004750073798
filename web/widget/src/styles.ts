export const STYLES = `
:host {
  --accent: #3b5bdb; --on-accent: #fff; --bg: #fff; --soft: #f1f3f5; --text: #1a1b1e; --quiet: #5c636a; --line: #dee2e6;
  --danger: #c92a2a; --radius: 16px;
  color-scheme: light; font: 15px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
  color: var(--text);
}
:host([data-dark]) {
  --accent: #748ffc; --on-accent: #10131a; --bg: #1a1b1e; --soft: #2a2c31; --text: #e9ecef; --quiet: #a6adb5;
  --line: #373a40; --danger: #ff8787; color-scheme: dark;
}
* { box-sizing: border-box; }
button, textarea { font: inherit; color: inherit; }
button { cursor: pointer; border: 0; background: none; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
[hidden] { display: none !important; }
.bubble {
  position: fixed; inset-block-end: 20px; inset-inline-end: 20px; width: 60px; height: 60px; border-radius: 50%;
  background: var(--accent); color: var(--on-accent); box-shadow: 0 6px 24px rgb(0 0 0 / .25); display: grid; place-items: center;
  z-index: 2147483000;
}
.badge {
  position: absolute; inset-block-start: -2px; inset-inline-end: -2px; min-width: 22px; height: 22px; padding: 0 6px;
  border-radius: 11px; background: var(--danger); color: #fff; font-size: 12px; line-height: 22px;
}
.panel { display: flex; flex-direction: column; background: var(--bg); overflow: hidden; height: 100%; }
.floating {
  position: fixed; inset-block-end: 92px; inset-inline-end: 20px; width: 384px; height: min(620px, calc(100dvh - 112px));
  border-radius: var(--radius); border: 1px solid var(--line); box-shadow: 0 12px 48px rgb(0 0 0 / .28); z-index: 2147483000;
}
@media (max-width: 480px) {
  .floating { inset: 0; width: auto; height: 100dvh; border: 0; border-radius: 0; }
}
header { display: flex; align-items: center; gap: 10px; padding: 14px 16px; border-block-end: 1px solid var(--line); }
header h2 { font-size: 16px; font-weight: 650; margin: 0; flex: 1; min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.dot { width: 9px; height: 9px; border-radius: 50%; background: #2f9e44; flex: none; }
.dot[data-status="connecting"] { background: #f08c00; }
.dot[data-status="offline"] { background: var(--danger); }
.icon { width: 36px; height: 36px; border-radius: 10px; display: grid; place-items: center; color: var(--quiet); flex: none; }
.icon:hover { background: var(--soft); color: var(--text); }
.notice { padding: 6px 16px; font-size: 13px; background: var(--soft); color: var(--quiet); text-align: center; }
.log { flex: 1; overflow-y: auto; overscroll-behavior: contain; padding: 18px 16px 8px; display: flex; flex-direction: column; gap: 3px; }
.log > :first-child { margin-block-start: auto; }
.column { width: 100%; max-width: 760px; margin-inline: auto; }
.message { max-width: 82%; padding: 9px 13px; border-radius: var(--radius); overflow-wrap: anywhere; white-space: pre-wrap; animation: rise .18s ease-out; }
.row { display: flex; flex-direction: column; margin-block-end: 7px; }
.them { align-items: flex-start; }
.them .message { background: var(--soft); border-end-start-radius: 5px; }
.me { align-items: flex-end; }
.me .message { background: var(--accent); color: var(--on-accent); border-end-end-radius: 5px; }
.me a { color: inherit; }
.system { align-items: center; }
.system .message { background: none; color: var(--quiet); font-size: 13.5px; text-align: center; max-width: 92%; padding-block: 4px; }
.name { font-size: 12px; color: var(--quiet); margin: 4px 12px 2px; }
.state { font-size: 11.5px; color: var(--quiet); margin: 2px 8px 0; }
/* That older messages were sent goes without saying. */
.me:has(~ .me) .sent { display: none; }
.state button { color: var(--danger); text-decoration: underline; padding: 0; font-size: 12px; }
.choices { display: flex; flex-wrap: wrap; gap: 8px; margin-block: 6px 4px; }
.choices button {
  border: 1.5px solid var(--accent); color: var(--accent); border-radius: 18px; padding: 6px 14px; background: var(--bg); text-align: start;
}
.choices button:hover { background: var(--accent); color: var(--on-accent); }
.file { display: block; margin-block-start: 4px; }
.file img { max-width: 100%; max-height: 260px; border-radius: 10px; display: block; }
.typing { display: flex; gap: 5px; padding: 13px 15px; background: var(--soft); border-radius: var(--radius); width: max-content; }
.typing i { width: 7px; height: 7px; border-radius: 50%; background: var(--quiet); animation: blink 1.2s infinite; }
.typing i:nth-child(2) { animation-delay: .2s; } .typing i:nth-child(3) { animation-delay: .4s; }
form { border-block-start: 1px solid var(--line); padding: 10px 12px calc(10px + env(safe-area-inset-bottom)); }
.compose { display: flex; align-items: flex-end; gap: 6px; }
textarea {
  flex: 1; resize: none; border: 1px solid var(--line); border-radius: 20px; padding: 9px 15px; max-height: 128px; background: var(--bg);
  line-height: 1.4; min-width: 0; font-size: 16px;
}
/* An empty field has no direction of its own: its hint has the page's. */
textarea:placeholder-shown { direction: inherit; }
.send { background: var(--accent); color: var(--on-accent); width: 40px; height: 40px; border-radius: 50%; display: grid; place-items: center; flex: none; }
.send:disabled { opacity: .45; cursor: default; }
[dir="rtl"] .send svg { transform: scaleX(-1); }
.count { font-size: 12px; color: var(--quiet); text-align: end; padding: 2px 52px 0; }
.count[data-over] { color: var(--danger); }
.drop { outline: 3px dashed var(--accent); outline-offset: -8px; }
.sr { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
@keyframes rise { from { opacity: 0; transform: translateY(6px); } }
@keyframes blink { 0%, 60%, 100% { opacity: .25; } 30% { opacity: 1; } }
@media (prefers-reduced-motion: reduce) { * { animation: none !important; } }
@media (forced-colors: active) { .message, .choices button, .bubble { border: 1px solid; } }
`;

const icon = (path: string): string =>
  `<svg viewBox="0 0 24 24" width="22" height="22" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">${path}</svg>`;

// Our own constant markup; nothing that anybody wrote is ever put into the page this way.
export const ICONS = {
  chat: icon('<path d="M21 12a8 8 0 0 1-8 8H4l2-3.2A8 8 0 1 1 21 12Z"/>'),
  close: icon('<path d="M6 6l12 12M18 6 6 18"/>'),
  restart: icon('<path d="M4 12a8 8 0 1 0 2.6-5.9M4 4v4h4"/>'),
  attach: icon(
    '<path d="m20 11-8.5 8.5a5 5 0 0 1-7-7L13 4a3.3 3.3 0 0 1 4.7 4.7L9.300 17a1.700 1.700 0 0 1-2.400-2.400L14.500 7"/>',
  ),
  send: icon('<path d="M4 12h15M13 6l6 6-6 6"/>'),
};
