/** The style sheet of a report: light and dark theme, narrow screens, print. It loads nothing. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --paper: #fbfaf6; --panel: #ffffff; --ink: #1d2733; --soft: #55606e; --rule: #e4e1d9;
  --teal: #0f6f78; --rust: #c4501b; --gold: #c9a227; --plum: #7a3e8e; --good: #1c7a4a; --bad: #b3261e;
  --note: #fff6dd; --note-edge: #c9a227;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #12171d; --panel: #1a212a; --ink: #e8e6e0; --soft: #a4aebb; --rule: #323c48;
    --teal: #58b8bf; --rust: #ee8f5f; --gold: #d9b64c; --plum: #c793d8; --good: #62c08e; --bad: #f2857c;
    --note: #2a2614; --note-edge: #8a7430;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
h1, h2, p, li, dt, dd, figcaption, summary, footer { overflow-wrap: anywhere; }
main, header, footer { max-width: 1120px; margin: 0 auto; padding: 0 24px; overflow-x: clip; }
header { padding-top: 44px; }
h1, h2 { font-family: "Iowan Old Style", "Palatino Linotype", Palatino, Georgia, "DejaVu Serif", serif; line-height: 1.2; text-wrap: balance; }
h1 { font-size: clamp(1.7rem, 4.6vw, 2.5rem); margin: 6px 0 14px; letter-spacing: -0.01em; }
h2 { font-size: 1.5rem; margin: 0 0 6px; }
h3 { font-size: 1rem; margin: 28px 0 6px; }
p { max-width: 74ch; margin: 8px 0; }
.eyebrow { color: var(--teal); font-weight: 650; font-size: .82rem; letter-spacing: .06em; text-transform: uppercase; margin: 0; }
.question { font-size: 1.15rem; color: var(--soft); max-width: 68ch; }
.facts { color: var(--soft); font-size: .9rem; max-width: none; }
.tag-flow { max-width: 100%; height: auto; font: 11px system-ui, sans-serif; }
.tag-flow rect, .tag-flow text { fill: var(--ink); }
.tag-flow path { fill: none; stroke: var(--teal); stroke-opacity: .35; }
.tag-flow path.released { stroke: var(--good); }
.tag-flow path.imported, .tag-flow path.retagged { stroke: var(--plum); }
.tag-flow path.returned { stroke: var(--gold); }
section { margin: 52px 0 0; }
.lead { color: var(--soft); }
.labels { background: var(--note); border-left: 4px solid var(--note-edge); padding: 14px 20px; margin: 26px 0; border-radius: 0 8px 8px 0; }
.labels strong { display: block; }
.labels ul { margin: 6px 0 0; padding-left: 20px; }
.verdict { display: inline-block; padding: 5px 14px; border-radius: 999px; font-weight: 650; font-size: .95rem; border: 1.5px solid currentColor; }
.good { color: var(--good); } .bad { color: var(--bad); }
.summary p { font-size: 1.06rem; }
.keys { display: grid; grid-template-columns: repeat(auto-fit, minmax(232px, 1fr)); gap: 14px; margin: 26px 0; padding: 0; list-style: none; }
.keys li { background: var(--panel); border: 1px solid var(--rule); border-top: 3px solid var(--teal); border-radius: 8px; padding: 14px 16px; }
.keys li.bad { border-top-color: var(--bad); color: inherit; }
.keys li.good { border-top-color: var(--good); color: inherit; }
.keys .name { color: var(--soft); font-size: .86rem; display: block; }
.keys .value { font-size: 1.5rem; font-weight: 650; display: block; line-height: 1.25; font-variant-numeric: tabular-nums; letter-spacing: -0.01em; }
.keys .more { color: var(--soft); font-size: .86rem; display: block; }
nav { font-size: .9rem; margin: 22px 0 0; border-block: 1px solid var(--rule); padding: 8px 0; }
nav a { color: var(--teal); margin-right: 16px; display: inline-block; text-decoration: none; }
nav a:hover, nav a:focus { text-decoration: underline; }
.scroll { overflow-x: auto; margin: 14px 0; border: 1px solid var(--rule); border-radius: 8px; background: var(--panel); }
.scroll:focus-visible { outline: 2px solid var(--teal); outline-offset: 2px; }
table { border-collapse: collapse; width: 100%; font-size: .89rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--soft); font-size: .84rem; padding: 10px 14px 4px; }
th, td { text-align: left; padding: 7px 14px; border-top: 1px solid var(--rule); vertical-align: top; }
thead th { border-top: 0; color: var(--soft); font-weight: 600; font-size: .82rem; vertical-align: bottom; }
tbody th { font-weight: 600; white-space: nowrap; }
tfoot th, tfoot td { border-top: 2px solid var(--soft); font-weight: 650; }
.n { text-align: right; white-space: nowrap; }
thead th.n { white-space: normal; }
code, .mono { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: .86em; }
.hash { overflow-wrap: anywhere; min-width: 16em; display: inline-block; }
figure { margin: 18px 0 8px; }
figcaption { color: var(--soft); font-size: .89rem; max-width: 86ch; margin-top: 6px; }
.plot { overflow-x: auto; background: var(--panel); border: 1px solid var(--rule); border-radius: 8px; padding: 16px; }
.plot svg { display: block; max-width: 100%; height: auto; min-width: 640px; }
.plot svg.sequence { min-width: 860px; }
details { margin: 8px 0; font-size: .9rem; }
summary { cursor: pointer; color: var(--teal); }
pre { background: var(--panel); border: 1px solid var(--rule); border-radius: 8px; padding: 12px 14px; overflow: auto; max-height: 420px; font-size: .84rem; line-height: 1.45; white-space: pre; }
pre.wrap { white-space: pre-wrap; overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: fit-content(20em) minmax(0, 1fr); gap: 5px 20px; margin: 14px 0; font-size: .93rem; }
dt { font-weight: 600; } dd { margin: 0; }
.nothing { color: var(--soft); font-style: italic; }
.key { display: inline-block; width: 11px; height: 11px; border-radius: 50%; margin: 0 4px 0 10px; vertical-align: -1px; background: var(--teal); }
.key.rust { background: var(--rust); border-radius: 0; transform: rotate(45deg) scale(.85); }
.key.bar { width: 3px; height: 14px; border-radius: 0; background: var(--ink); }
.key.bar95 { width: 3px; height: 14px; border-radius: 0; background: var(--rust); }
.key.box { width: 22px; border-radius: 0; opacity: .25; }
.sequence text { font: 11px system-ui, sans-serif; fill: var(--ink); }
.sequence .lane rect { fill: var(--panel); stroke: var(--rule); }
.sequence .lane.part rect { stroke: var(--teal); stroke-width: 1.5; }
.sequence .lane line { stroke: var(--soft); stroke-width: 1; opacity: .6; }
.sequence .lane.part line { stroke: var(--teal); stroke-width: 1.6; opacity: 1; }
.sequence .bank { text-anchor: middle; font-weight: 650; font-size: 13px; }
.sequence .role { text-anchor: middle; fill: var(--soft); font-size: 10px; }
.sequence .grid line { stroke: var(--rule); } .sequence .grid text { text-anchor: end; fill: var(--soft); font-size: 10.5px; }
.sequence .pause rect { fill: var(--note); stroke: var(--note-edge); stroke-dasharray: 4 3; }
.sequence .pause text { text-anchor: middle; fill: var(--soft); font-style: italic; }
.sequence .arrow { stroke-width: 1.15; opacity: .62; }
.sequence .arrow.private { stroke-dasharray: 5 4; stroke-width: 1.8; opacity: 1; }
.sequence .lock { stroke: var(--teal); } .sequence .vote { stroke: var(--plum); } .sequence .settle { stroke: var(--good); }
.sequence .terms { stroke: var(--rust); } .sequence .other { stroke: var(--soft); }
.sequence .head { stroke: none; } .sequence .dot { stroke: var(--panel); stroke-width: 1; }
.sequence .head.lock, .sequence .dot.lock { fill: var(--teal); } .sequence .head.vote, .sequence .dot.vote { fill: var(--plum); }
.sequence .head.settle, .sequence .dot.settle { fill: var(--good); } .sequence .head.terms, .sequence .dot.terms { fill: var(--rust); }
.sequence .head.other, .sequence .dot.other { fill: var(--soft); }
.sequence text.mark { stroke: var(--panel); stroke-width: 3px; paint-order: stroke; font-size: 10.5px; }
.sequence text.step { text-anchor: end; font-weight: 600; } .sequence text.sent { fill: var(--soft); }
footer { color: var(--soft); font-size: .86rem; padding-top: 40px; padding-bottom: 48px; }
@media (max-width: 600px) {
  main, header, footer { padding-left: 16px; padding-right: 16px; }
  header { padding-top: 26px; }
  section { margin-top: 40px; }
  .keys { grid-template-columns: repeat(auto-fit, minmax(140px, 1fr)); gap: 10px; }
  .keys .value { font-size: 1.25rem; }
  dl { grid-template-columns: minmax(0, 1fr); gap: 0; } dd { margin-bottom: 8px; }
}
@media print {
  :root {
    color-scheme: light;
    --paper: #fff; --panel: #fff; --ink: #111; --soft: #444; --rule: #ccc;
    --teal: #0f6f78; --rust: #c4501b; --gold: #c9a227; --plum: #7a3e8e; --good: #1c7a4a; --bad: #b3261e;
    --note: #fff6dd; --note-edge: #c9a227;
  }
  @page { size: A4; margin: 14mm; }
  body { font-size: 10.5pt; }
  main, header, footer { max-width: none; padding-left: 0; padding-right: 0; }
  nav, details { display: none; }
  .scroll, .plot { overflow: visible; border-color: #bbb; }
  .plot svg, .plot svg.sequence { min-width: 0; max-width: 100%; }
  figure, table, .keys li, .labels { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
  th, td { padding: 3px 5px; overflow-wrap: anywhere; }
  table, thead th, caption { font-size: 7.4pt; }
  .hash { min-width: 0; }
}
`;
