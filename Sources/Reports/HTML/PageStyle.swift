/// The look of pages: light and dark by what the reader's system prefers, from 400 pixels up, and on paper.
enum PageStyle {
  static let text: StaticString = """

    :root{--page:#f6f6f3;--card:#fff;--ink:#1b1f24;--soft:#59616c;--line:#e2e3df;--hair:#eeeeea;--accent:#1f5fa8;
    --good:#1a7344;--wait:#6a4fb3;--warn:#8a5a00;--bad:#b3261e;--good-bg:#e5f3ea;--wait-bg:#efeafa;--warn-bg:#fbf1dc;
    --bad-bg:#fbe9e7;--plain-bg:#eef0f2;--bar:#dfe3e8;--heat:31,95,168;color-scheme:light dark}
    @media (prefers-color-scheme:dark){:root{--page:#111417;--card:#191d21;--ink:#e7e9ec;--soft:#a3abb6;--line:#2c3239;
    --hair:#232930;--accent:#8ab8f5;--good:#63c992;--wait:#b8a4f0;--warn:#e3b55a;--bad:#ff9a8f;--good-bg:#15301f;
    --wait-bg:#262040;--warn-bg:#332810;--bad-bg:#3a1c19;--plain-bg:#252b32;--bar:#333a42;--heat:122,176,243}}
    *{box-sizing:border-box}
    html{-webkit-text-size-adjust:100%}
    body{margin:0;background:var(--page);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,
    "Helvetica Neue","Liberation Sans",Arial,sans-serif;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
    header,main,footer{max-width:1200px;margin:0 auto;padding:0 clamp(16px,4vw,40px)}
    header{padding-top:clamp(24px,5vw,56px)}
    h1,h2,h3,h4{line-height:1.25;margin:0;font-weight:650;letter-spacing:-.01em;text-wrap:balance}
    h1{font-size:clamp(1.6rem,4vw,2.15rem)}
    h2{font-size:1.3rem;margin:0 0 4px}
    h3{font-size:1.05rem}
    h4{font-size:.95rem;margin:20px 0 6px}
    p{margin:0 0 10px;max-width:72ch}
    a{color:var(--accent);text-underline-offset:3px}
    :focus-visible{outline:2px solid var(--accent);outline-offset:2px;border-radius:4px}
    section{margin-top:52px}
    .over{color:var(--soft);font-size:.8rem;letter-spacing:.06em;text-transform:uppercase;margin:0 0 6px}
    .lead{font-size:1.15rem;margin:10px 0 0;max-width:60ch}
    .soft,.note{color:var(--soft)}
    .note{font-size:.9rem;margin-bottom:16px}
    .name{font-weight:600;unicode-bidi:isolate}
    .mono,pre{font:13px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace}
    .facts{display:flex;flex-wrap:wrap;gap:6px 32px;margin:18px 0 0;font-size:.92rem}
    .facts>div{min-width:0}
    .facts dt{color:var(--soft);font-size:.8rem}
    .facts dd{margin:0}
    .tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(120px,1fr));gap:10px;margin:28px 0 0;padding:0;
    list-style:none}
    .tiles li{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:12px 14px;font-size:.85rem;
    color:var(--soft)}
    .tiles b{display:block;font-size:1.55rem;line-height:1.2;font-weight:600;color:var(--ink)}
    .tiles .good b{color:var(--good)}.tiles .bad b{color:var(--bad)}.tiles .warn b{color:var(--warn)}
    .tiles .wait b{color:var(--wait)}
    nav ul{display:flex;flex-wrap:wrap;gap:4px 20px;list-style:none;margin:22px 0 0;padding:14px 0 0;
    border-top:1px solid var(--line);font-size:.92rem}
    .mark{display:inline-block;overflow-wrap:normal;padding:1px 9px;border-radius:99px;font-size:.8rem;font-weight:550;white-space:nowrap;
    background:var(--plain-bg);color:var(--soft)}
    .mark.good{background:var(--good-bg);color:var(--good)}.mark.bad{background:var(--bad-bg);color:var(--bad)}
    .mark.warn{background:var(--warn-bg);color:var(--warn)}.mark.wait{background:var(--wait-bg);color:var(--wait)}
    .card{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:clamp(14px,2.5vw,24px);
    margin-top:18px}
    .card>header{padding:0;margin:0 0 14px;max-width:none;display:flex;flex-wrap:wrap;gap:4px 12px;align-items:baseline}
    .card>header p{margin:0;color:var(--soft);font-size:.9rem}
    .tiny{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(300px,100%),1fr));gap:14px;margin-top:18px}
    .tiny .card{margin:0;padding:14px}
    .tiny h3{font-size:.95rem}
    .pictures{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(260px,100%),1fr));gap:16px}
    .tiny .pictures{grid-template-columns:1fr 1fr;gap:8px}
    .pictures.wide{grid-template-columns:1fr}
    figure{margin:0;min-width:0}
    figure img{display:block;width:100%;height:auto;border-radius:6px;background:var(--hair)}
    figure img.pixels{image-rendering:pixelated}
    figcaption{font-size:.85rem;color:var(--soft);margin-top:6px}
    figcaption.scale{display:flex;align-items:center;gap:8px}
    .scale span:first-child{margin-right:auto}
    .scale i{display:block;height:7px;border:1.5px solid var(--soft);border-top:0;flex:none}
    .charts{display:flex;flex-wrap:wrap;gap:16px;margin-top:16px}
    .chart{background:#fff;border:1px solid var(--line);border-radius:8px;padding:8px;width:fit-content;max-width:100%}
    .card>h3{margin-top:28px}
    .card .facts{margin:0 0 4px}
    .chart img{display:block;max-width:none;width:auto;height:auto;border-radius:0;background:none}
    .chart{overflow-x:auto}.charts figure{max-width:100%}
    @media (max-width:520px){.heat td,.heat thead th{padding:5px}.heat{font-size:.8rem}}
    @media (prefers-color-scheme:dark){.chart{background:#141414}.chart img{filter:invert(.92) hue-rotate(180deg)}}
    .columns{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(340px,100%),1fr));gap:20px 36px;
    margin-top:18px;align-items:start}
    .scroll{overflow-x:auto;margin:0 0 8px;max-width:100%}
    table{border-collapse:collapse;width:100%;font-size:.9rem}
    caption{text-align:left;color:var(--soft);font-size:.85rem;padding:0 0 6px;position:sticky;left:0;width:fit-content;
    max-width:min(100%,calc(100vw - 70px));overflow-wrap:normal}
    th,td{text-align:left;padding:7px 14px 7px 0;vertical-align:top;border-bottom:1px solid var(--hair);
    overflow-wrap:normal}
    td span,.mono,td pre{overflow-wrap:anywhere}
    td .mono{display:inline-block;min-width:9em}
    th .name,td .name{display:inline-block;width:max-content;max-width:16em}
    .columns+.scroll,.columns+.shares{margin-top:28px}
    .shares th{white-space:nowrap}.shares td:nth-child(2){width:45%}
    th:last-child,td:last-child{padding-right:0}
    thead th{color:var(--soft);font-weight:500;font-size:.8rem;border-bottom:1px solid var(--line);vertical-align:bottom}
    tbody th{font-weight:500}
    tbody tr:last-child>*{border-bottom:0}
    .number{text-align:right;white-space:nowrap}
    th.number{white-space:normal}
    .long{display:block;min-width:16em}
    .key{white-space:nowrap}
    .swatch{display:inline-block;width:12px;height:12px;border-radius:3px;margin-right:8px;vertical-align:-1px;
    box-shadow:inset 0 0 0 1px rgba(128,128,128,.45)}
    .stack{display:block;width:100%;height:14px;border-radius:4px;overflow:hidden;background:var(--bar)}
    .stack.thin{height:8px}
    .bar{display:block;width:100%;min-width:60px;height:8px;border-radius:4px;margin-top:7px}
    .bar .under,.dots .under{fill:var(--bar)}.bar .fill{fill:var(--accent)}.bar .bad{fill:var(--bad)}
    .dots{display:block;width:100%;min-width:140px;height:18px}
    .dots line{stroke:var(--accent);stroke-width:2}.dots circle{fill:var(--accent)}
    .dots .line{stroke:var(--line);stroke-width:1}.dots .mark-line{stroke:var(--soft);stroke-dasharray:3 3;stroke-width:1.5}
    .heat td{text-align:right;padding:6px 8px;border:2px solid var(--card)}
    .heat th{padding:6px 8px 6px 0;border:0}
    .heat thead th{text-align:right;padding:6px 8px}
    .legend{list-style:none;display:flex;flex-wrap:wrap;gap:2px 18px;margin:12px 0 0;padding:0;font-size:.85rem}
    .curve{width:100%;height:auto;display:block;font-size:11px}
    .curve text{fill:var(--soft);font-family:inherit}.curve .grid{stroke:var(--hair)}.curve .axis{stroke:var(--line)}
    .curve polyline{fill:none;stroke-width:2;stroke-linejoin:round;stroke-linecap:round}
    .curve rect.good{fill:var(--good)}.curve rect.bad{fill:var(--bad)}.curve rect.warn{fill:var(--warn)}
    .curve rect.plain{fill:var(--soft)}
    .filter{margin:14px 0 4px}.filter[hidden]{display:none}
    input{font:inherit;color:inherit;background:var(--card);border:1px solid var(--line);border-radius:8px;padding:7px 11px;
    width:min(340px,100%);margin-right:10px}
    th button{all:unset;cursor:pointer}th button:hover{color:var(--ink)}
    th button:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
    th[aria-sort=ascending] button::after{content:" \\2191"}th[aria-sort=descending] button::after{content:" \\2193"}
    details{margin-top:14px}
    summary{cursor:pointer;color:var(--accent);font-size:.92rem}
    pre{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:14px;margin:10px 0 0;
    white-space:pre-wrap;max-width:100%}
    footer{margin-top:64px;padding-top:18px;padding-bottom:40px;color:var(--soft);font-size:.85rem}
    footer::before{content:"";display:block;border-top:1px solid var(--line);margin-bottom:18px}
    @media print{.chart img{max-width:100%}:root{--page:#fff}body{font-size:10.5pt}header{padding-top:0}section{margin-top:28pt}
    .tiny .card,.tiles li,figure,.curve,tr{break-inside:avoid}.pictures{grid-template-columns:repeat(3,1fr)}
    .pictures.wide{grid-template-columns:1fr}.columns{grid-template-columns:1fr 1fr;gap:12px 24px}
    pre{columns:3;font-size:7.5pt;border:0;padding:0}
    h2,h3,h4,thead{break-after:avoid}
    nav,.filter,th button::after{display:none}details::details-content{content-visibility:visible;display:block}
    *{print-color-adjust:exact;-webkit-print-color-adjust:exact}.scroll{overflow:visible}}

    """
}
