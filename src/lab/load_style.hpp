#pragma once

#include <string_view>

namespace spillway::lab {

// The style sheet of the report, light and dark. `r0` to `r5` are the colours of regions (chart.hpp).
inline constexpr std::string_view load_style = R"css(
:root { color-scheme: light dark; --ground: #fff; --text: #1c2430; --quiet: #586474; --line: #d9dfe6; --panel: #f5f7f9;
  --good: #1a7f37; --bad: #c62828; --average: #1c2430;
  --r0: #0067a5; --r1: #b87a00; --r2: #008a63; --r3: #8a4fb0; --r4: #c2559c; --r5: #5f6b7a; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #12171e; --text: #e4e9ef; --quiet: #9aa7b6; --line: #303a46; --panel: #1a212a;
    --good: #4cc46f; --bad: #ff6b6b; --average: #fff;
    --r0: #5ab0f2; --r1: #f0b83c; --r2: #3fc79a; --r3: #c79bf0; --r4: #f28fc4; --r5: #a4b1c2; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 64rem; padding: 1.5rem 1rem 3rem; background: var(--ground); color: var(--text);
  font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .25rem; }
h2 { font-size: 1.15rem; margin: 2.25rem 0 .5rem; }
.lead, .note { color: var(--quiet); margin: .25rem 0; }
.note { font-size: .875rem; }
.warning { border-left: .25rem solid var(--bad); padding: .25rem .75rem; background: var(--panel); }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); gap: .75rem; margin: 1.25rem 0;
  padding: 0; list-style: none; }
.tiles li { background: var(--panel); border-radius: .5rem; padding: .6rem .8rem; }
.tiles b { display: block; font-size: 1.3rem; font-variant-numeric: tabular-nums; overflow-wrap: normal; }
.tiles span { color: var(--quiet); font-size: .875rem; }
.good { color: var(--good); } .tiles .bad, td.bad { color: var(--bad); }
figure { margin: 0; }
figcaption { font-weight: 600; font-size: 1.15rem; margin: 2.25rem 0 .25rem; }
.legend { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; list-style: none; margin: .25rem 0 1rem; padding: 0;
  font-size: .875rem; }
.swatch { display: inline-block; width: .8rem; height: .8rem; border-radius: .15rem; margin-right: .4rem;
  vertical-align: -.05rem; }
.dashes { display: inline-block; width: 1.6rem; border-top: 2px dashed var(--average); margin-right: .4rem;
  vertical-align: .25rem; }
.plot { display: grid; grid-template-columns: 4rem minmax(0, 1fr); grid-template-rows: 19rem; }
.axis { position: relative; font-size: .75rem; color: var(--quiet); font-variant-numeric: tabular-nums; }
.axis span { position: absolute; right: .5rem; transform: translateY(50%); white-space: nowrap; }
.plot svg { width: 100%; height: 100%; min-height: 0; display: block; }
.ends { display: flex; justify-content: space-between; margin: .25rem 0 .5rem 4rem; font-size: .75rem;
  color: var(--quiet); }
svg line { vector-effect: non-scaling-stroke; }
.grid { stroke: var(--line); } .span { stroke: var(--text); opacity: .45; }
.average { stroke: var(--average); stroke-width: 1.75; stroke-dasharray: 7 5; pointer-events: none; }
.hover { fill: transparent; } g:hover > .hover { fill: var(--line); opacity: .6; }
.r0 { fill: var(--r0); } .r1 { fill: var(--r1); } .r2 { fill: var(--r2); } .r3 { fill: var(--r3); }
.r4 { fill: var(--r4); } .r5 { fill: var(--r5); } rect.bad { fill: var(--bad); }
.swatch.r0, .bar.r0 { background: var(--r0); } .swatch.r1, .bar.r1 { background: var(--r1); }
.swatch.r2, .bar.r2 { background: var(--r2); } .swatch.r3, .bar.r3 { background: var(--r3); }
.swatch.r4, .bar.r4 { background: var(--r4); } .swatch.r5, .bar.r5 { background: var(--r5); }
.swatch.bad { background: var(--bad); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .9375rem; font-variant-numeric: tabular-nums; }
th, td { padding: .4rem .6rem; border-bottom: 1px solid var(--line); text-align: right; vertical-align: top; }
th:first-child, td:first-child { text-align: left; padding-left: 0; }
th:last-child, td:last-child { padding-right: 0; }
td { white-space: nowrap; } th.words { text-align: left; } td.words { text-align: left; white-space: normal; min-width: 12rem; }
thead th { color: var(--quiet); font-weight: 600; font-size: .85em; white-space: nowrap; vertical-align: bottom; }
th[scope=row] { font-weight: 500; min-width: 6rem; overflow-wrap: break-word; }
.shares th:first-child { width: 45%; }
.bar { height: .5rem; border-radius: .15rem; margin-top: .3rem; min-width: 1px; }
.bar.plain { background: var(--quiet); }
details { margin: .75rem 0; } summary { cursor: pointer; color: var(--quiet); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1.25rem; margin: 0; }
dt { color: var(--quiet); } dd { margin: 0; }
@media (max-width: 30rem) {
  .plot { grid-template-columns: 3.25rem minmax(0, 1fr); grid-template-rows: 15rem; } .ends { margin-left: 3.25rem; }
  .axis span { right: .35rem; } th, td { padding: .4rem .2rem; } table { font-size: .8125rem; }
  .shares th:first-child { width: 32%; }
  dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .5rem; } }
@media print { details { display: none; } .plot { break-inside: avoid; } }
)css";

}  // namespace spillway::lab
