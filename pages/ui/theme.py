"""The colours of our figures, light and dark, and the few lines of style the native theme cannot say."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st


@dataclass(frozen=True)
class Palette:
    """What each colour is for. Good and bad are judgements and appear nowhere else; the rest is ink and grey."""

    ink: str
    soft: str  # the same ink, for what is not in focus: closed periods, the others
    good: str
    bad: str
    neutral: str
    text: str
    muted: str
    surface: str
    line: str
    categories: tuple[str, ...]


LIGHT = Palette(
    ink="#0F5C7A",
    soft="#9DBECB",
    good="#1B7F79",
    bad="#C8641B",
    neutral="#8A97A3",
    text="#17232D",
    muted="#52616D",
    surface="#FFFFFF",
    line="#E2E8EE",
    categories=("#0F5C7A", "#E0A12B", "#6C8EBF", "#7A9E7E", "#B07AA1", "#9C755F"),
)
DARK = Palette(
    ink="#5BB3D0",
    soft="#2F5F72",
    good="#4DB6AC",
    bad="#F0A35E",
    neutral="#8A97A3",
    text="#E6EDF3",
    muted="#A9B6C1",
    surface="#0F161C",
    line="#2A3742",
    categories=("#5BB3D0", "#E9B755", "#8CA9D6", "#97BA9B", "#C99ABB", "#BB9783"),
)
FONT = (
    '-apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans SC", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif'
)

# A browser draws this itself; an icon by name would be fetched from another host.
ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#0F5C7A"/>'
    '<path d="M7 23 L13 15 L18 19 L25 9" fill="none" stroke="#FFFFFF" stroke-width="3" stroke-linecap="round"/></svg>'
)

# Constant, never filled in: figures line up, cards stay low, a phone gets the width it needs.
STYLE = """
<style>
.stApp { font-variant-numeric: tabular-nums; }
[data-testid="stCaptionContainer"][data-testid] { opacity: 0.78; }  /* the framework's 0.6 is too pale to read */
:is(a, canvas, main, [data-testid="stElementToolbar"] button, [data-testid="stButtonGroup"] button):focus-visible {
  outline: 2px auto; outline-offset: -2px;
}
[data-testid="stMainBlockContainer"] { padding-left: 2rem; padding-right: 2rem; max-width: 1680px; }
[data-testid="stAlertContainer"] { padding-top: 0.4rem; padding-bottom: 0.4rem; }
section[data-testid="stSidebar"][data-collapsed="false"] { width: 210px !important; min-width: 210px; }
.st-key-headline h1 { padding: 0; }
/* a long line breaks; the buttons stay beside it */
.st-key-headline > [data-testid="stElementContainer"]:has([data-testid="stCaptionContainer"]) { flex: 1 1 20rem; min-width: 0; }
.st-key-name [data-testid="stMarkdownContainer"], .st-key-line [data-testid="stCaptionContainer"] { margin: 0; }
.st-key-way_back { margin-bottom: -0.4rem; }
[data-testid="stLayoutWrapper"]:has(> .st-key-way_back:empty), [data-testid="stLayoutWrapper"]:has(> .st-key-notes:empty) { display: none; }
[class*="st-key-cards"] [data-testid="stVerticalBlock"] { padding: 0.5rem 0.7rem 0.5rem; }
[class*="st-key-cards"] [data-testid="stVerticalBlock"] > *,
[class*="st-key-cards"] [data-testid="stPopover"] { min-width: 0; max-width: 100%; overflow: hidden; }
[class*="st-key-cards"] [data-testid="stPopover"] button { min-height: 0; padding: 0; width: 100%; justify-content: flex-start; }
[class*="st-key-cards"] [data-testid="stPopover"] button p {
  font-size: 0.85rem; white-space: nowrap; overflow: hidden; text-overflow: ellipsis;
}
[class*="st-key-cards"] [data-testid="stPopover"] button p:hover { text-decoration: underline dotted; }
[class*="st-key-cards"] :has(> [data-testid="stPopover"]) { width: 100%; }
[class*="st-key-cards"] [data-testid="stPopover"] button * { min-width: 0; max-width: 100%; }
[class*="st-key-cards"] [data-testid="stPopover"] button > div > div:last-child:not(:first-child) { display: none; }
[class*="st-key-cards"] [data-testid="stMetricValue"] { line-height: 1.35; }
[class*="st-key-cards"] [data-testid="stMetricDelta"] { font-size: 0.8rem; margin-top: 0; }
[class*="st-key-cards"] [data-testid="stCaptionContainer"],
[class*="st-key-attention_"] [data-testid="stMarkdownContainer"] { margin-bottom: 0; }
[class*="st-key-cards"] [data-testid="stCaptionContainer"] p { font-size: 0.78rem; margin: 0; }
[class*="st-key-cards"] [data-testid="stCaptionContainer"] p {
  overflow: hidden; display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2;
}
[class*="st-key-attention_"] { border-bottom: 1px solid rgba(138, 151, 163, 0.25); padding-bottom: 0.15rem; }
[class*="st-key-attention_"] p { margin: 0; }
[class*="st-key-attention_"] [data-testid="stColumn"] { flex: 1 1 auto; min-width: 0; }
[class*="st-key-attention_"] [data-testid="stColumn"]:last-child { flex: 0 0 auto; width: auto; }
[class*="st-key-attention_"] [data-testid="stColumn"]:last-child [data-testid="stVerticalBlock"] { align-items: flex-end; }
[class*="st-key-today_"] { border-bottom: 1px solid rgba(138, 151, 163, 0.25); padding-bottom: 0.35rem; }
[class*="st-key-today_"] p { margin: 0; line-height: 1.75; }
[class*="st-key-today_"] [data-testid="stMarkdownContainer"], [class*="st-key-today_"] [data-testid="stCaptionContainer"],
.st-key-steps [data-testid="stMarkdownContainer"], .st-key-steps [data-testid="stCaptionContainer"] { margin-bottom: 0; }
[class*="st-key-today_"] [data-testid="stPageLink"] a, .st-key-steps [data-testid="stPageLink"] a { padding-left: 0; margin: 0; }
.st-key-steps [data-testid="stPageLink"] a span, .st-key-steps [data-testid="stPageLink"] a p { white-space: normal; }
.st-key-steps [data-testid="stVerticalBlock"] { padding: 0.5rem 0.7rem; }
.st-key-steps p { margin: 0; font-size: 0.85rem; }
body:has([data-testid="stDialog"]) [data-testid="stPopoverBody"] { display: none; }
@media (max-width: 640px) {
  [data-testid="stMainBlockContainer"] { padding-left: 0.8rem; padding-right: 0.8rem; }
  .st-key-way_back { margin: 0; }
  .st-key-actions button { min-width: 1.75rem; }
  .st-key-name h1 { font-size: 1.2rem; white-space: nowrap; max-width: 9rem; overflow: hidden; text-overflow: ellipsis; }
  .st-key-line { margin: -0.9rem 0 -0.6rem; padding: 0; }
  .st-key-line p { font-size: 0.75rem; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
}
</style>
"""


def palette(dark: bool) -> Palette:
    """The colours for a dark or a light page."""
    return DARK if dark else LIGHT


def style() -> None:
    """Put our constant style on the page."""
    st.html(STYLE)
