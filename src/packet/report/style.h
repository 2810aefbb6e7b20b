// The style sheet of a report: readable on screens light and dark, and on paper.
#pragma once
#include <string_view>

namespace trama::report {

inline constexpr std::string_view style = R"css(
:root{--ink:#1b1f24;--soft:#57606a;--paper:#fff;--band:#f4f6f8;--line:#d0d7de;--link:#0a5ab5;
--tcp:#0a5ab5;--udp:#a04b00;--good:#116329;--bad:#b3261e;--warn:#7a5200}
@media (prefers-color-scheme:dark){:root{--ink:#e6edf3;--soft:#9aa4af;--paper:#0f1419;--band:#1a2129;
--line:#39424d;--link:#6cb2ff;--tcp:#6cb2ff;--udp:#f0a35e;--good:#5fd07a;--bad:#ff8b80;--warn:#e3b341}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:64rem;padding:1.5rem;background:var(--paper);color:var(--ink);
font:16px/1.5 system-ui,"Segoe UI",Roboto,sans-serif}
h1{font-size:1.7rem;margin:0}h2{margin-top:2.5rem;border-bottom:1px solid var(--line)}
h3{margin:1.6rem 0 .4rem}a{color:var(--link)}p{margin:.4rem 0;max-width:52rem}
.soft{color:var(--soft)}.good{color:var(--good)}.bad{color:var(--bad)}.warn{color:var(--warn)}
code,.hex,.ladder{font-family:ui-monospace,"DejaVu Sans Mono",Menlo,monospace}
table{border-collapse:collapse;margin:.6rem 0;font-size:.92rem}
th,td{border:1px solid var(--line);padding:.25rem .55rem;text-align:left;vertical-align:top}
th{background:var(--band)}td.n{text-align:right}
.scroll{overflow-x:auto}
.ladder{font-size:.85rem;margin:.6rem 0}
.rung{display:grid;grid-template-columns:3.2rem 5.2rem 9.2rem minmax(12rem,1fr) 9.2rem;align-items:stretch}
.rung>*{padding:.15rem .4rem}.rung .n,.rung .t{text-align:right}
.rung .way{border-left:2px solid var(--line);border-right:2px solid var(--line);padding:.15rem 0;text-align:center}
.rung .way span{display:block;white-space:nowrap;overflow:hidden;text-overflow:ellipsis;padding:0 .4rem}
.rung .way svg{display:block;width:100%;height:14px}
.way path{fill:none;stroke:currentColor;stroke-width:1.5;vector-effect:non-scaling-stroke}
.says{grid-column:4/6;font-family:system-ui,sans-serif;color:var(--soft);padding-bottom:.5rem!important}
.rung:target{background:var(--band)}
.hex{font-size:.82rem;white-space:pre;overflow-x:auto;line-height:1.7}
.l1,.l2,.l3,.l4,.l5,.l6,.l7{border-bottom:3px solid;border-radius:2px}
.l2,.l1{border-color:#8250df}.l3{border-color:#bf8700;border-bottom-style:dashed}
.l4{border-color:#1f883d;border-bottom-style:dotted}.l5,.l6,.l7{border-color:#cf222e;border-bottom-style:double}
details{margin:.3rem 0;border:1px solid var(--line);border-radius:4px;padding:.2rem .6rem}
summary{cursor:pointer;min-height:24px}
figure{margin:1rem 0}figcaption{font-weight:600}
svg.graph{width:100%;height:auto;max-width:46rem;font:11px system-ui,sans-serif;fill:var(--ink)}
.graph .grid{stroke:var(--line);fill:none}.graph .axis{stroke:var(--soft);fill:none}
.graph .line{fill:none;stroke-width:2}.graph .tcp.line,.graph .a.line{stroke:var(--tcp)}
.graph .udp.line,.graph .b.line{stroke:var(--udp)}.graph .bar{stroke:none}
.graph .tcp.bar,.graph circle.a{fill:var(--tcp)}.graph .udp.bar,.graph circle.b{fill:var(--udp)}
.graph .again{fill:none;stroke:var(--bad);stroke-width:2}
@media print{body{max-width:none;padding:0;font-size:11pt}a{color:inherit;text-decoration:none}
h2{break-after:avoid}h3{break-after:avoid}.rung,figure,tr{break-inside:avoid}details:not([open]){display:none}}
)css";

}  // namespace trama::report
