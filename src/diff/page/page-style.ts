/** The looks of a page: light, dark, and on paper. Colours of curves are told apart with any colour vision (Okabe and Ito). */
export const PAGE_STYLE = `
:root{color-scheme:light dark;--ground:#f6f7f9;--card:#fff;--text:#1c2128;--soft:#59636e;--line:#d9dee3;--grid:#e9edf0;--accent:#0b63b0;--reference:#0072b2;--fill:#0072b226;--test:#d1490c;--marked:#ffd43b55;--strip:#e0a800;--bad:#b3261e;--bad-ground:#fdeceb;--warn:#8a5a00;--warn-ground:#fff3d6;--good:#1a7f37;--good-ground:#e6f6ea;--idle:#59636e;--idle-ground:#eceff2}
@media (prefers-color-scheme:dark){:root{--ground:#0f1318;--card:#171c23;--text:#e4e8ec;--soft:#9aa5b1;--line:#303843;--grid:#252c35;--accent:#6cb6ff;--reference:#56b4e9;--fill:#56b4e930;--test:#ff9457;--marked:#d7a90038;--strip:#d7a900;--bad:#ff8a80;--bad-ground:#43201e;--warn:#f2c14e;--warn-ground:#3b2f14;--good:#6fdd8b;--good-ground:#163322;--idle:#9aa5b1;--idle-ground:#262d36}}
*{box-sizing:border-box}
[hidden]{display:none!important}
body{margin:0;font-variant-ligatures:none;background:var(--ground);color:var(--text);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
main,header.top{max-width:1180px;margin:0 auto;padding:0 20px}
header.top{padding-top:28px}
h1{font-size:1.05rem;font-weight:600;margin:0 0 4px;color:var(--soft);letter-spacing:.02em}
h2{font-size:1.05rem;margin:0;overflow-wrap:anywhere}
h3{font-size:.95rem;margin:20px 0 8px}
h4{font-size:.92rem;margin:0;overflow-wrap:anywhere}
a{color:inherit;text-decoration:none}
a:hover{text-decoration:underline}
a:focus-visible,button:focus-visible,input:focus-visible,summary:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
code,.differences td,.differences th[scope=row]{font-family:ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.86em}
.outcome{font-size:2rem;font-weight:700;line-height:1.2;margin:0 0 14px}
.outcome.bad{color:var(--bad)}.outcome.good{color:var(--good)}.outcome.idle{color:var(--idle)}
.sides{display:grid;grid-template-columns:max-content 1fr;gap:2px 14px;margin:0 0 18px}
.sides dt{color:var(--soft)}.sides dd{margin:0;overflow-wrap:anywhere}
.sides dd details summary{cursor:pointer}
.key{display:inline-block;width:22px;height:11px;margin-right:8px;border:2px solid}
.key.of-reference{border-color:var(--reference);background:var(--fill)}.key.of-test{border-color:var(--test)}
.chips{display:flex;flex-wrap:wrap;gap:8px;margin:0 0 14px;padding:0;list-style:none}
.chip{font:inherit;border:1px solid var(--line);background:var(--card);color:inherit;border-radius:10px;padding:7px 14px;display:flex;gap:9px;align-items:baseline}
.scripted .chip{cursor:pointer}
.chip b{font-size:1.25rem;font-variant-numeric:tabular-nums}
.chip[aria-pressed=false]{opacity:.45;text-decoration:line-through}
.chip.lost b,.chip.altered b,.chip.different b{color:var(--bad)}.chip.added b,.chip.only-left b,.chip.only-right b{color:var(--warn)}.chip.right b,.chip.same b,.chip.compatible b{color:var(--good)}
.tools{display:none;position:sticky;top:0;z-index:2;background:var(--ground);padding:10px 0;margin:0 0 6px;gap:16px;align-items:center;flex-wrap:wrap}
.scripted .tools{display:flex}
#filter{flex:1 1 300px;font:inherit;padding:8px 12px;border:1px solid var(--line);border-radius:8px;background:var(--card);color:inherit}
#shown{color:var(--soft);min-width:9em}
.badge{display:inline-block;border-radius:6px;padding:1px 8px;font-size:.78rem;font-weight:600;white-space:nowrap;vertical-align:1px}
.badge.lost,.badge.altered,.badge.different{color:var(--bad);background:var(--bad-ground)}
.badge.added,.badge.only-left,.badge.only-right{color:var(--warn);background:var(--warn-ground)}
.badge.right,.badge.same,.badge.compatible{color:var(--good);background:var(--good-ground)}
.badge.unjudged{color:var(--idle);background:var(--idle-ground)}
.card,.overview{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:18px 20px;margin:0 0 18px;scroll-margin-top:70px}
.overview{padding:4px 0;overflow-x:auto}
.card:target{border-color:var(--accent);box-shadow:0 0 0 1px var(--accent)}
sub,sup{font-size:.75em;line-height:0}
.facts,.note{color:var(--soft);margin:2px 0 10px;font-size:.92rem;overflow-wrap:anywhere}
.note{margin:8px 0 0}
table{border-collapse:collapse;font-variant-numeric:tabular-nums}
th{text-align:left;font-weight:600}
thead th{color:var(--soft);font-weight:500;font-size:.86rem}
.overview table{width:100%}
.overview th,.overview td{padding:6px 10px;border-bottom:1px solid var(--grid);vertical-align:baseline}
.overview tr>:first-child{padding-left:20px}.overview tr>:last-child{padding-right:20px}
.overview tbody tr:last-child>*{border-bottom:0}
.overview tbody tr:hover{background:var(--grid)}
.overview th[scope=row]{font-weight:500;overflow-wrap:anywhere}
.overview td.count{text-align:right}
.overview td.first,.overview th.first{color:var(--soft);font-size:.86rem;overflow-wrap:anywhere;max-width:420px}
.plots{display:flex;gap:22px;align-items:flex-start;flex-wrap:wrap;margin:6px 0 12px;position:relative}
.figures{flex:1 1 620px;min-width:0}
figure{margin:0}
figure svg{display:block;width:100%;height:auto;max-width:820px}
figure svg.small{max-width:520px}
figure svg text{font:24px system-ui,-apple-system,"Segoe UI",Roboto,Arial,sans-serif;fill:var(--text)}
figure svg .shifted{font-size:18px}
figure svg .tick{font-size:22px;fill:var(--soft)}
figure svg .mid{text-anchor:middle}figure svg .end{text-anchor:end}
figure .frame,figure .mark{fill:none;stroke:var(--soft);stroke-width:2}
figure .grid{fill:none;stroke:var(--grid);stroke-width:2}
figure .marked{fill:var(--marked)}
figure .strip{fill:var(--strip)}
figure .ground{fill:var(--grid)}
figure path.reference{fill:var(--fill);stroke:var(--reference);stroke-width:3}
figure path.test{fill:none;stroke:var(--test);stroke-width:3}
figure path.bars{stroke-width:2;fill:none}
figure path.points.reference{fill:var(--reference);stroke:none}
figure path.points.test{fill:var(--test);stroke:none}
figure path.ratio{fill:none;stroke:var(--text);stroke-width:2.5}
figure path.ratio.bars{stroke:var(--soft);stroke-width:2}
figure path.beyond{fill:var(--bad)}
figure path.pull,figure path.difference{fill:var(--test);fill-opacity:.55;stroke:var(--test);stroke-width:2}
figure path.zero{stroke:var(--soft);stroke-width:2;stroke-dasharray:8 6}
.logarithmic,.log .linear{display:none}
.log .logarithmic{display:inline}
.statistics{flex:0 1 auto;font-size:.88rem}
.statistics th,.statistics td{padding:3px 10px;border-bottom:1px solid var(--grid)}
.statistics th[scope=row]{font-weight:400;color:var(--soft)}
.statistics td{text-align:right}
.statistics thead .of-reference{color:var(--reference);text-align:right}.statistics thead .of-test{color:var(--test);text-align:right}
.unequal td{color:var(--bad);font-weight:600}
.list summary{cursor:pointer;color:var(--soft);font-size:.92rem;margin:4px 0}
.wide{overflow-x:auto}
.differences{width:100%}
.differences th,.differences td{padding:3px 12px 3px 0;border-bottom:1px solid var(--grid);overflow-wrap:anywhere;vertical-align:baseline}
.differences th[scope=row]{font-weight:500}
.distribution{display:flex;flex-wrap:wrap;gap:10px 28px;border-top:1px solid var(--line);padding:14px 0;break-inside:avoid}
.distribution>div{flex:1 1 420px;min-width:0}
.distribution .differences th{white-space:nowrap}
.explore{position:absolute;right:0;bottom:0;font:inherit;border:1px solid var(--line);border-radius:8px;padding:5px 14px;background:var(--card);color:var(--accent);cursor:pointer;z-index:1}
.explored .figures{display:none}
.explored .statistics{order:3}
.canvas{flex:1 1 620px;max-width:820px;height:460px;background:#fff;border-radius:8px;overflow:hidden}
.canvas.map{flex:0 1 345px;height:340px}
.legend{flex:1 0 100%;margin:0;color:var(--soft);font-size:.92rem}
.legend span:not(.key){margin-right:22px}
footer{max-width:1180px;margin:0 auto;padding:8px 20px 40px;color:var(--soft);font-size:.88rem}
@media (max-width:700px){.overview .kind,.overview td.first,.overview th.first{display:none}}
@media print{:root{color-scheme:light;--ground:#fff;--card:#fff;--text:#000;--soft:#444;--line:#ccc;--grid:#e4e4e4;--reference:#0072b2;--fill:#0072b226;--test:#d1490c;--marked:#ffd43b66;--bad:#b3261e;--bad-ground:#fff;--warn:#8a5a00;--warn-ground:#fff;--good:#1a7f37;--good-ground:#fff;--idle-ground:#fff}
.tools,.explore{display:none!important}.card{break-inside:avoid;border-radius:0}body{font-size:12px}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
`;
