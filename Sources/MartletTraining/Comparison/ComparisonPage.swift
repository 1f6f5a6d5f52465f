/// `report.html` of a comparison: one page, complete in itself.
///
/// From top to bottom: what came out in a sentence a task, pictures, one table with every figure, and what is needed to
/// repeat it.
enum ComparisonPage {
    static func html(_ record: ComparisonRecord) -> String {
        let title = record.options.contenders.map(\.rawValue).joined(separator: ", ") + " compared"
        let tasks = record.options.tasks.map { task in
            task.memory == nil ? texts(task, record) : memory(task, record)
        }
        let sections =
            [
                "<h1>\(Markup.escaped(title))</h1>", lead(record),
            ] + tasks + [table(record), particulars(record)]
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8"/>
            <meta name="viewport" content="width=device-width, initial-scale=1"/>
            <title>\(Markup.escaped(title)) – Martlet</title>
            <style>
            \(ReportStyle.css)
            \(css)
            </style>
            </head>
            <body><main>
            \(sections.filter { !$0.isEmpty }.joined(separator: "\n"))
            </main></body>
            </html>

            """
    }

    /// A colour for each contender, the same on the whole page, that the colour-blind can tell apart (Okabe & Ito 2008).
    private static let colours: [(contender: Contender, light: String, dark: String)] = [
        (.rnn, "#b25a00", "#f0a35a"), (.rnnRelu, "#8a7400", "#e0c94a"),
        (.rnnOrthogonal, "#b03a6f", "#e48ab4"), (.lstm, "#0b6e99", "#5ab4dc"),
        (.lstmForget1, "#3d4fb5", "#93a3f5"), (.gru, "#0a7d5f", "#3cc49a"),
        (.gruResetFirst, "#5c6672", "#aab4bf"),
    ]

    private static var css: String {
        func rules(_ colour: KeyPath<(contender: Contender, light: String, dark: String), String>)
            -> String
        {
            ":root { "
                + colours.map { "--\(style($0.contender)): \($0[keyPath: colour]);" }.joined(
                    separator: " ") + " }"
        }
        let classes = colours.map { entry -> String in
            let name = style(entry.contender)
            return """
                .line.\(name) { stroke: var(--\(name)); } .dot.\(name), .band.\(name), .bar.\(name), \
                .name.\(name) { fill: var(--\(name)); }
                .swatch.\(name) { background: var(--\(name)); }
                """
        }
        return """
            \(rules(\.light))
            @media (prefers-color-scheme: dark) { \(rules(\.dark)) }
            \(classes.joined(separator: "\n"))
            .band { opacity: 0.13; } .line.thin { stroke-width: 1.4; opacity: 0.8; }
            .name { font-weight: 600; } .beyond { stroke-dasharray: 2 4; }
            .swatch { display: inline-block; width: 10px; height: 10px; border-radius: 3px; margin-right: 7px; }
            td.number, th.number { text-align: right; white-space: nowrap; }
            td.who { white-space: nowrap; }
            .figures tr.begin { border-top: 2px solid var(--rule); } .figures .best-score { font-weight: 700; }
            .figures tr + tr:not(.begin) { border-top-color: transparent; }
            .figures td, .figures th { padding-top: 4px; padding-bottom: 4px; }
            """
    }

    /// The class of a contender's colour.
    static func style(_ contender: Contender) -> String { "c-\(contender.rawValue)" }

    private static func lead(_ record: ComparisonRecord) -> String {
        let count = record.options.seeds
        var sentences = [
            "Every network has one layer of \(record.options.hidden) units and is trained from \(count == 1 ? "one seed" : "\(count) seeds"); all of them see the same examples."
        ]
        if !record.isComplete {
            sentences.append(
                "It was <b>interrupted</b>: here is what \(record.trials.count) finished trainings say."
            )
        }
        let notes = record.notes.map {
            "<p class=\"soft\">Left out: \(Markup.escaped($0)).</p>"
        }
        return "<p class=\"lead\">\(sentences.joined(separator: " "))</p>" + notes.joined()
    }

    private static func particulars(_ record: ComparisonRecord) -> String {
        let options = record.options
        let rows: [(String, String)] =
            [
                (
                    "options",
                    "--cells \(options.contenders.map(\.rawValue).joined(separator: ",")) --tasks \(options.tasks.map(\.rawValue).joined(separator: ","))"
                        + (options.lengths.map {
                            " --lengths \($0.map(String.init).joined(separator: ","))"
                        } ?? "")
                        + " --seeds \(options.seeds) --hidden \(options.hidden) --steps \(options.steps) --batch \(options.batch) --learning-rate \(options.learningRate) --clip \(options.clip) --solved \(options.solved) --epochs \(options.epochs)"
                )
            ] + (record.data.map { [("labelled texts", $0)] } ?? [])
            + (record.text.isEmpty ? [] : [("running text", record.text.joined(separator: " "))])
            + [
                (
                    "machine",
                    "\(record.machine.cpu), \(record.machine.instructionSet), \(record.machine.threads) threads"
                ),
                ("Martlet", record.version),
            ]
        let body = rows.map {
            "<tr><th scope=\"row\">\($0.0)</th><td><code>\(Markup.escaped($0.1))</code></td></tr>"
        }
        return """
            <h2>To repeat it</h2>
            <section class="card"><table>\(body.joined())</table></section>
            """
    }
}
