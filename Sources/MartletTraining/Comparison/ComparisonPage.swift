/// `report.html` of a comparison: one page, complete in itself.
///
/// From top to bottom: what came out in a sentence a task, pictures, one table with every figure, and what is needed to
/// repeat it.
enum ComparisonPage {
    static func html(_ record: ComparisonRecord) -> String {
        let title = record.options.contenders.map(\.rawValue).joined(separator: ", ") + " compared"
        let tasks = record.options.tasks.map { task in
            task == .speed
                ? costs(record)
                : task.memory == nil ? texts(task, record) : memory(task, record)
        }
        var sections = ["<h1>\(Markup.escaped(title))</h1>", lead(record), summary(record)]
        sections += tasks
        sections += [table(record), particulars(record)]
        return PageFrame.html(
            title: title, style: css,
            body: sections.filter { !$0.isEmpty }.joined(separator: "\n"))
    }

    /// A colour for each contender, the same on the whole page, that the colour-blind can tell apart (Okabe & Ito 2008).
    private static let colours = [
        Colour(contender: .rnn, light: "#b25a00", dark: "#f0a35a"),
        Colour(contender: .rnnRelu, light: "#8a7400", dark: "#e0c94a"),
        Colour(contender: .rnnOrthogonal, light: "#b03a6f", dark: "#e48ab4"),
        Colour(contender: .lstm, light: "#0b6e99", dark: "#5ab4dc"),
        Colour(contender: .lstmForget1, light: "#3d4fb5", dark: "#93a3f5"),
        Colour(contender: .gru, light: "#0a7d5f", dark: "#3cc49a"),
        Colour(contender: .gruResetFirst, light: "#5c6672", dark: "#aab4bf"),
        Colour(contender: .transformer, light: "#7340a8", dark: "#bd98ea"),
    ]

    /// A colour on paper and on black.
    private struct Colour {
        var contender: Contender
        var light: String
        var dark: String
    }

    private static var css: String {
        func rules(_ colour: KeyPath<Colour, String>) -> String {
            let all = colours.map { entry -> String in
                "--\(style(entry.contender)): \(entry[keyPath: colour]);"
            }
            return ":root { \(all.joined(separator: " ")) }"
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
            "Every network has \(record.options.contenders.contains(.transformer) ? "one recurrent layer, or two blocks of attention," : "one layer") of \(record.options.hidden) units and is trained from \(count == 1 ? "one seed" : "\(count) seeds"); all of them see the same examples."
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
        var rows: [(name: String, value: String)] = [("options", record.options.flags)]
        if let data = record.data { rows.append(("labelled texts", data)) }
        if !record.text.isEmpty {
            rows.append(("running text", record.text.joined(separator: " ")))
        }
        let machine = record.machine
        rows.append(
            ("machine", "\(machine.cpu), \(machine.instructionSet), \(machine.threads) threads"))
        rows.append(("Martlet", record.version))
        return Markup.particulars(rows)
    }
}
