/// The colours of the pictures of gradients, on top of ``ReportStyle``.
enum GradientStyle {
    /// The style of a line by its place.
    static func series(_ place: Int) -> String { "s\(place % 6)" }

    private static let light =
        "--s0: #d9822b; --s1: #0b6e99; --s2: #2a9068; --s3: #8a5bb5; --s4: #b5477d; --s5: #6d7783; --limit: #b33a3a;"
    private static let dark =
        "--s0: #f0a35a; --s1: #5ab4dc; --s2: #5fc79b; --s3: #b794dd; --s4: #e08ab3; --s5: #9aa5b1; --limit: #e08080;"

    private static let shapes = """
        .s0 { --c: var(--s0); } .s1 { --c: var(--s1); } .s2 { --c: var(--s2); }
        .s3 { --c: var(--s3); } .s4 { --c: var(--s4); } .s5 { --c: var(--s5); }
        .line { stroke: var(--c); } .name { fill: var(--c, var(--ink)); font-weight: 600; }
        .limit { stroke: var(--limit); stroke-dasharray: 2 4; }
        """

    /// For a page.
    static let page = """
        :root { \(light) }
        @media (prefers-color-scheme: dark) { :root { \(dark) } }
        \(shapes)
        .cells { display: grid; grid-template-columns: repeat(auto-fit, minmax(250px, 1fr)); gap: 16px; }
        .cells section.card { margin: 0; border-top: 4px solid var(--c); }
        .cells h3 { margin: 0 0 6px; font-size: 18px; } .cells h4 { margin: 18px 0 8px; font-size: 13px; color: var(--soft); }
        .cells svg { max-width: 280px; margin: 0 auto; }
        .cells table { width: 100%; } .cells td { text-align: right; padding-right: 0; } .cells th { font-weight: 400; }
        .kind { font-weight: 700; } .bad { color: rgb(var(--against)); } .good { color: rgb(var(--for)); }
        sub { line-height: 0; } ul.lead { list-style: none; padding: 0; margin: 0 0 20px; font-size: 17px; }
        section.card > p:last-child { margin-bottom: 0; }
        .unit { fill: none; stroke: var(--soft); stroke-dasharray: 4 4; }
        .eigenvalue { fill: var(--g); fill-opacity: 0.85; } .key { color: var(--g); }
        .g0 { --g: var(--s1); } .g1 { --g: var(--s0); } .g2 { --g: var(--s2); } .g3 { --g: var(--s4); }
        .keys { font-size: 13px; text-align: center; font-variant-numeric: tabular-nums; } .faint { color: var(--soft); }
        .gate { font-size: 12px; } .shut { fill: var(--s0); } .open { fill: var(--s1); } .between { fill: var(--rule); }
        .swatch { display: inline-block; width: 10px; height: 10px; border-radius: 2px; }
        .swatch.shut { background: var(--s0); } .swatch.open { background: var(--s1); }
        """

    /// For a picture that is a file of its own.
    static let file = """
        svg { color-scheme: light dark; --ink: #1c2330; --soft: #5b6675; --paper: #fbfaf7; --rule: #e3e0d8; --plain: #9aa3ad;
          \(light) }
        @media (prefers-color-scheme: dark) {
          svg { --ink: #e8e6e1; --soft: #9aa5b1; --paper: #14171c; --rule: #313843; --plain: #6d7783; \(dark) } }
        .paper { fill: var(--paper); }
        text { font: 12px system-ui, sans-serif; fill: var(--ink); }
        .tick { fill: var(--soft); font-size: 11px; }
        .grid { stroke: var(--rule); stroke-width: 1; } .half { stroke: var(--plain); stroke-dasharray: 3 4; }
        \(shapes)
        .line { fill: none; stroke-width: 2.2; stroke-linejoin: round; stroke-linecap: round; }
        """
}
