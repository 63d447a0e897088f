// SPDX-License-Identifier: Apache-2.0
// The style sheet and the script of a report page. Nothing is loaded from elsewhere.
//
// Colours are named once, for a light and a dark page. Numbers have digits of one width, so columns are aligned. The
// script sorts the table by a column if its header is pressed; the page is complete without it.
#pragma once

#include <string_view>

#include <quench/ground/prerequisites.hpp>

namespace quench::detail {

inline constexpr std::string_view page_style = R"(
:root { color-scheme: light dark; --paper: #f7f7f5; --surface: #fff; --ink: #1c2126; --muted: #59636d; --line: #e1e4e6;
  --accent: #24588f; --band: #e2edf8; --bar: #5b6f84; --poor: #ab3318; --fair: #835c00; --good: #1b6957; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #131619; --surface: #1b1f23; --ink: #e5e8ea; --muted: #9ba6b0; --line: #30363c; --accent: #86b6e8;
    --band: #20364d; --bar: #93a7bb; --poor: #ff9273; --fair: #e3b75a; --good: #62c9aa; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, "Segoe UI", Roboto,
  "Helvetica Neue", Arial, sans-serif; font-variant-numeric: tabular-nums; }
header, main, footer { max-width: 1560px; margin: 0 auto; padding: 0 24px; }
header { padding-top: 32px; }
footer { padding-top: 8px; padding-bottom: 40px; color: var(--muted); font-size: 13px; }
h1 { margin: 0; font-size: 26px; font-weight: 650; letter-spacing: -0.01em; overflow-wrap: anywhere; }
h2 { margin: 0 0 4px; font-size: 18px; font-weight: 650; }
h3 { margin: 0; font: 600 14px/1.4 ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
  overflow-wrap: anywhere; }
p { margin: 0 0 12px; max-width: 76ch; }
.lead, .sub, .hint { color: var(--muted); }
.hint, .sub { font-size: 13px; }
a { color: var(--accent); text-decoration: none; }
a:hover { text-decoration: underline; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 3px; }
code { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: 0.93em; }
.facts { display: grid; grid-template-columns: repeat(6, 1fr); gap: 1px; margin: 20px 0 0;
  background: var(--line); border: 1px solid var(--line); border-radius: 8px; overflow: hidden; }
.facts div { padding: 12px 16px; background: var(--surface); }
.facts dt { color: var(--muted); font-size: 12.5px; }
.facts dd { margin: 0; font-size: 19px; font-weight: 600; overflow-wrap: anywhere; }
.facts dd > small { display: block; color: var(--muted); font-size: 12.5px; font-weight: 400; }
main { display: grid; grid-template-columns: minmax(320px, 372px) minmax(0, 1fr); gap: 20px; padding-top: 20px;
  align-items: start; }
section { padding: 18px 20px; background: var(--surface); border: 1px solid var(--line); border-radius: 8px; }
.reading { display: grid; grid-template-columns: minmax(0, 1fr); gap: 20px; min-width: 0; }
.network { position: sticky; top: 12px; max-height: calc(100vh - 24px); display: flex; flex-direction: column; }
.scrolled { overflow: auto; }
.network .scrolled { margin: 0 -20px -18px; border-top: 1px solid var(--line); border-radius: 0 0 8px 8px; }
.lines { position: relative; margin: 6px 0; }
.lines ol { margin: 0; padding: 0; list-style: none; }
.lines li { display: flex; align-items: center; gap: 10px; height: 44px; padding-right: 16px; line-height: 1.3; }
.lines .what { flex: 1; min-width: 0; }
.lines .what > * { display: block; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.lines .name { font: 600 13px/1.35 ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
.lines .sub { font-size: 12px; }
.connections { position: absolute; left: 0; top: 0; pointer-events: none; }
.edge { fill: none; stroke: var(--bar); stroke-width: 1.5; }
.dots { fill: var(--surface); stroke: var(--bar); stroke-width: 1.5; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 18px; margin: 0 0 12px; padding: 0; list-style: none; font-size: 13px;
  color: var(--muted); }
.legend svg { width: 22px; height: 12px; margin-right: 6px; vertical-align: -1px; }
.poor { color: var(--poor); } .fair { color: var(--fair); } .good, .exact { color: var(--good); }
.lines .grade { font-size: 14px; }
.grade { font-weight: 600; white-space: nowrap; }
.grade small { margin-left: 3px; font-weight: 400; font-size: 12px; }
.meter { display: block; height: 3px; margin-top: 3px; border-radius: 2px; background: var(--line); }
.meter i { display: block; height: 3px; border-radius: 2px; background: currentColor; }
table { width: 100%; border-collapse: collapse; font-size: 13px; }
.modules { max-height: max(480px, 78vh); margin: 0 -20px -18px; border-radius: 0 0 8px 8px; }
.modules thead th { position: sticky; top: 0; z-index: 2; background: var(--surface); box-shadow: inset 0 -1px var(--line); }
.modules thead th:first-child { left: 0; z-index: 3; }
.modules tbody th { z-index: 1; }
th, td { padding: 6px 9px; text-align: right; white-space: nowrap; border-bottom: 1px solid var(--line); }
th { padding: 0; vertical-align: bottom; font-weight: 600; }
th button { width: 100%; padding: 6px 9px; border: 0; background: none; color: inherit; font: inherit; text-align: inherit;
  line-height: 1.25; white-space: normal; cursor: pointer; }
th button:hover { background: var(--paper); }
th small, td small { display: block; color: var(--muted); font-weight: 400; }
.grade small { display: inline; }
th button span::after { content: "\2195"; margin-left: 3px; color: var(--muted); opacity: 0.55; }
th[aria-sort=ascending] span::after { content: "\2191"; color: var(--accent); opacity: 1; }
th[aria-sort=descending] span::after { content: "\2193"; color: var(--accent); opacity: 1; }
tbody tr:hover td, tbody tr:hover th { background: var(--paper); }
tbody tr:last-child > * { border-bottom: 0; }
.text { text-align: left; }
tbody th { position: sticky; left: 0; padding: 6px 10px; background: var(--surface); font-weight: 400; vertical-align: middle; }
.modules td:first-child, .modules th:first-child { padding-left: 20px; }
.modules th:first-child:has(button) { padding-left: 11px; }
.modules td:last-child { padding-right: 20px; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(300px, 100%), 1fr)); gap: 16px; }
.card { display: grid; grid-template-rows: subgrid; grid-row: span 4; row-gap: 0; padding: 14px 16px; border: 1px solid var(--line); border-radius: 8px; scroll-margin-top: 12px; min-width: 0; }
.card:target { border-color: var(--accent); box-shadow: 0 0 0 1px var(--accent); }
.card .sub { margin: 0 0 8px; }
.card .title { display: flex; justify-content: space-between; align-items: baseline; gap: 12px; }
.card dl { display: grid; grid-template-columns: 1fr auto; gap: 1px 12px; margin: 8px 0 0; font-size: 13px; }
.card dt { color: var(--muted); }
.card dd { margin: 0; text-align: right; white-space: nowrap; }
svg text { fill: var(--muted); font-size: 10px; font-variant-numeric: tabular-nums; }
svg .middle { text-anchor: middle; } svg .end { text-anchor: end; } svg .code { fill: var(--accent); }
.histogram, .arena { display: block; width: 100%; height: auto; }
.band { fill: var(--band); }
.bars { fill: var(--bar); } .bars.outside { fill: var(--poor); }
.axis { fill: none; stroke: var(--muted); } .zero { stroke-width: 1.5; }
.grid { fill: none; stroke: var(--line); }
.limit { fill: none; stroke: var(--accent); }
.limit-key { stroke: var(--accent); }
.arena { min-width: 720px; }
.arena text { font-size: 11px; }
.arena .name { fill: var(--ink); }
.buffer { fill: var(--band); stroke: var(--bar); stroke-width: 0.75; }
.buffer.peak { stroke: var(--accent); stroke-width: 1.5; }
.peak-list { margin: 12px 0 0; padding: 0; columns: 320px; column-gap: 32px; list-style: none; font-size: 13px; }
.peak-list span { white-space: nowrap; }
.peak-list code { overflow-wrap: anywhere; }
.peak-list li { display: flex; justify-content: space-between; gap: 12px; break-inside: avoid; }
.notes p, .notes li { margin: 0 0 4px; font-size: 13.5px; }
.notes ul { margin: 0 0 8px; padding-left: 20px; }
@media (max-width: 1080px) {
  .facts { grid-template-columns: repeat(3, 1fr); }
  main { grid-template-columns: minmax(0, 1fr); }
  .network { position: static; max-height: 70vh; } }
@media (max-width: 560px) {
  header, main, footer { padding-left: 12px; padding-right: 12px; }
  section { padding: 14px; }
  .facts { grid-template-columns: 1fr 1fr; }
  .facts div { padding: 10px 12px; }
  .modules, .network .scrolled { margin: 0 -14px -14px; }
  .modules td:first-child, .modules th:first-child { padding-left: 14px; }
  .modules th:first-child:has(button) { padding-left: 5px; } }
)";

inline constexpr std::string_view page_script = R"(
for (const button of document.querySelectorAll('th button')) button.addEventListener('click', () => {
  const head = button.closest('th'), body = head.closest('table').tBodies[0], column = head.cellIndex;
  const first = head.dataset.first || 'ascending', other = first === 'ascending' ? 'descending' : 'ascending';
  const order = head.getAttribute('aria-sort') === first ? other : first, sign = order === 'ascending' ? 1 : -1;
  for (const each of head.parentNode.cells) each.removeAttribute('aria-sort');
  head.setAttribute('aria-sort', order);
  const value = row => row.cells[column].dataset.value;
  const earlier = (a, b) => {
    if (value(a) === undefined) return sign * a.cells[column].textContent.localeCompare(b.cells[column].textContent, 'en', {numeric: true});
    if (value(a) === '' || value(b) === '') return (value(a) === '') - (value(b) === '');
    const x = Number(value(a)), y = Number(value(b));
    return x < y ? -sign : x > y ? sign : 0;
  };
  body.append(...[...body.rows].sort(earlier));
});
)";

}  // namespace quench::detail
