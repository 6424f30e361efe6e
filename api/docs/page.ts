/**
 * The pages that the API shows of itself. No inline script or style, nothing from elsewhere: the strict policy of headers.ts holds.
 */

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};
export const escaped = (text: string): string => text.replace(/[&<>"]/g, (c) => escapes[c] ?? c);

/** `head` and `body` are HTML. */
export const page = (title: string, head: string, body: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escaped(title)}</title>
<link rel="icon" href="/docs/assets/favicon.png" type="image/png">
${head}
<link rel="stylesheet" href="/docs/assets/page.css">
<script src="/docs/assets/theme.js"></script>
</head>
<body>
${body}
</body>
</html>
`;

export const pageStyle = `:root { --paper: #fafafa; --ink: #24292f; --line: #d0d7de; --link: #0550ae; }
html.dark-mode { --paper: #1c2022; --ink: #e4e6e6; --line: #4b5357; --link: #79c0ff; }
html { background: var(--paper); color: var(--ink); }
body { margin: 0; font: 16px/1.5 system-ui, sans-serif; }
header.kopilka { display: flex; gap: 1.2rem; align-items: center; padding: .7rem 1.2rem; border-bottom: 1px solid var(--line); }
header.kopilka strong { margin-right: auto; }
header.kopilka a, main a { color: var(--link); }
header.kopilka button { font: inherit; padding: .2rem .8rem; border: 1px solid var(--line); border-radius: 6px; background: none; color: inherit; cursor: pointer; }
main { max-width: 62rem; margin: 0 auto; padding: 1.2rem; }
main table { border-collapse: collapse; width: 100%; }
main th, main td { text-align: left; vertical-align: top; padding: .35rem .6rem; border-bottom: 1px solid var(--line); }
main tr:target { outline: 2px solid var(--link); }
main code { font-family: ui-monospace, monospace; }
`;

/** Follows the reader's preference until the switch is used, and remembers the switch. */
export const themeScript = `'use strict';
(() => {
  const dark = window.matchMedia('(prefers-color-scheme: dark)');
  const kept = () => { try { return localStorage.getItem('kopilka-theme'); } catch { return null; } };
  const keep = (theme) => { try { localStorage.setItem('kopilka-theme', theme); } catch { /* private browsing */ } };
  const show = () => {
    const theme = kept() ?? (dark.matches ? 'dark' : 'light');
    document.documentElement.classList.toggle('dark-mode', theme === 'dark');
    document.documentElement.style.colorScheme = theme;
    const button = document.getElementById('theme');
    if (button) button.textContent = theme === 'dark' ? 'Light' : 'Dark';
  };
  show();
  dark.addEventListener('change', show);
  document.addEventListener('DOMContentLoaded', () => {
    show();
    document.getElementById('theme')?.addEventListener('click', () => {
      keep(document.documentElement.classList.contains('dark-mode') ? 'light' : 'dark');
      show();
    });
  });
})();
`;

export const header = `<header class="kopilka">
<strong>Kopilka</strong>
<a href="/docs">API</a>
<a href="/docs/errors">Errors</a>
<a href="/openapi.json">OpenAPI</a>
<button id="theme" type="button" aria-label="Switch between dark and light">Dark</button>
</header>`;
