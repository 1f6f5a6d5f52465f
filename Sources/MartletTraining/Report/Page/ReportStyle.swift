/// The look of a report: light and dark, narrow and wide, in colours that the colour-blind can tell apart.
enum ReportStyle {
    static let css = """
        :root { color-scheme: light dark; --ink: #1c2330; --soft: #5b6675; --paper: #fbfaf7; --card: #ffffff;
          --rule: #e3e0d8; --model: #0b6e99; --other: #d9822b; --plain: #9aa3ad; --for: 0 128 96; --against: 200 72 40; }
        @media (prefers-color-scheme: dark) {
          :root { --ink: #e8e6e1; --soft: #9aa5b1; --paper: #14171c; --card: #1c2128; --rule: #313843;
            --model: #5ab4dc; --other: #f0a35a; --plain: #6d7783; --for: 60 190 150; --against: 240 120 88; } }
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--paper); color: var(--ink);
          font: 16px/1.55 system-ui, -apple-system, "Segoe UI", "Noto Sans", "Noto Sans CJK SC", sans-serif; }
        main { max-width: 960px; margin: 0 auto; padding: 40px 24px 64px; }
        h1 { font-size: 30px; line-height: 1.2; margin: 0 0 12px; letter-spacing: -0.01em; }
        h2 { font-size: 18px; margin: 44px 0 12px; }
        p { margin: 0 0 12px; max-width: 70ch; }
        .lead { font-size: 19px; }
        .soft { color: var(--soft); font-size: 14px; }
        svg { display: block; width: 100%; height: auto; }
        section.card, article { background: var(--card); border: 1px solid var(--rule); border-radius: 10px;
          padding: 18px 20px; margin: 0 0 16px; }
        .pair { display: grid; grid-template-columns: 1fr 1fr; gap: 16px; }
        .pair h3 { font-size: 14px; margin: 0 0 6px; color: var(--soft); font-weight: 600; }
        @media (max-width: 720px) { .pair { grid-template-columns: 1fr; } main { padding: 24px 14px 48px; } }
        text { font: 12px system-ui, sans-serif; fill: var(--ink); }
        .tick { fill: var(--soft); font-size: 11px; }
        .bar-name { font-weight: 600; font-size: 13px; } .bar-value { font-weight: 600; font-size: 14px; }
        .grid { stroke: var(--rule); stroke-width: 1; } .half { stroke: var(--plain); stroke-dasharray: 3 4; }
        .best { stroke: var(--soft); stroke-dasharray: 4 4; }
        .line { fill: none; stroke-width: 2.2; stroke-linejoin: round; stroke-linecap: round; }
        .line.model { stroke: var(--model); } .line.other { stroke: var(--other); }
        .dot.model { fill: var(--model); } .dot.other { fill: var(--other); }
        .name.model { fill: var(--model); font-weight: 600; } .name.other { fill: var(--other); font-weight: 600; }
        .bar.model { fill: var(--model); } .bar.other { fill: var(--other); } .bar.plain { fill: var(--plain); }
        .range { stroke: var(--ink); stroke-width: 1.4; opacity: 0.75; }
        .scroll { overflow-x: auto; }
        table { border-collapse: collapse; font-size: 14px; font-variant-numeric: tabular-nums; }
        th, td { padding: 6px 14px 6px 0; text-align: left; vertical-align: top; }
        th { font-weight: 600; } tr + tr { border-top: 1px solid var(--rule); }
        .confusion td, .confusion th { padding: 10px 16px; }
        .confusion th:first-child { padding-left: 0; }
        .cell { text-align: center; min-width: 92px; }
        .cell.right { background: rgb(var(--for) / var(--share)); }
        .cell.wrong { background: rgb(var(--against) / var(--share)); }
        .answer { margin-bottom: 4px; } .verdict { font-size: 13px; margin-left: 8px; }
        .verdict.right { color: rgb(var(--for)); } .verdict.wrong { color: rgb(var(--against)); }
        .tokens { line-height: 2.1; margin: 8px 0 0; max-width: none; }
        .chip { padding: 3px 5px; border-radius: 5px; overflow-wrap: anywhere; }
        .chip.for { background: rgb(var(--for) / var(--share)); }
        .chip.against { background: rgb(var(--against) / var(--share)); }
        .more { color: var(--soft); font-size: 14px; }
        code { font: 13px ui-monospace, Menlo, Consolas, monospace; overflow-wrap: anywhere; }
        """
}
