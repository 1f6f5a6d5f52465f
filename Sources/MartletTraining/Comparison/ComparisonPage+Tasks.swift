/// The pictures of each task.
extension ComparisonPage {
    /// A memory task: its success and the steps it took, over the lengths.
    static func memory(_ task: ComparisonTask, _ record: ComparisonRecord) -> String {
        guard let memory = task.memory else { return "" }
        let rows = record.rows(of: task)
        guard !rows.isEmpty else { return "" }
        let lengths = record.options.lengths(of: task).filter { length in
            rows.contains { $0.length == length }
        }
        let who = record.options.contenders.filter { each in
            rows.contains { $0.contender == each }
        }
        func lines(
            _ point: (ComparisonRow, Int) -> ComparisonChart.Point
        ) -> [ComparisonChart.Line] {
            who.map { contender in
                ComparisonChart.Line(
                    name: contender.rawValue, style: style(contender),
                    points: rows.filter { $0.contender == contender }.compactMap { row in
                        lengths.firstIndex { $0 == row.length }.map { point(row, $0) }
                    })
            }
        }
        let success = ComparisonChart(
            title: "\(task.rawValue): \(task.scoreName)", lengths: lengths,
            lengthName: lengthName(memory),
            lines: lines { row, place in
                .init(
                    place: place, value: row.score,
                    range: row.seeds > 1 ? row.lowest...row.highest : nil,
                    note: "length \(row.length ?? 0): \(ComparisonFigures.score(row))")
            }, top: 1, ticks: [0, 0.25, 0.5, 0.75, 1], text: { Decimals.percent($0, 0) },
            mark: (memory.chance, "chance"))
        let scale = LineChart.ticks(from: 0, to: Double(record.options.steps))
        let steps = ComparisonChart(
            title: "\(task.rawValue): steps until solved", lengths: lengths,
            lengthName: lengthName(memory),
            lines: lines { row, place in
                .init(
                    place: place, value: row.stepsToSolve, range: nil,
                    note:
                        "length \(row.length ?? 0): \(ComparisonFigures.steps(row)), solved \(ComparisonFigures.solved(row))"
                )
            }, top: scale.last ?? 1, ticks: scale, text: { Decimals.short($0) }, beyond: "never")
        return """
            <h2>\(heading(task))</h2>
            <p>\(explanation(task))</p>
            <div class="pair">
            <section class="card"><h3>Share of \(task.scoreName)</h3>\(success.svg)</section>
            <section class="card"><h3>Steps of training until solved</h3>\(steps.svg)</section>
            </div>
            <p class="soft">Left: the mean of the seeds, and their range. Right: the median; solved is \
            \(Decimals.percent(record.options.solved, 0)) on fresh sequences, never is not within \
            \(Decimals.grouped(record.options.steps)) steps for at least half of the seeds.</p>
            """
    }

    /// A task on texts: a bar for each contender.
    static func texts(_ task: ComparisonTask, _ record: ComparisonRecord) -> String {
        let rows = record.rows(of: task)
        guard !rows.isEmpty else { return "" }
        let (width, left, right, row) = (860.0, 130.0, 170.0, 40.0)
        let most = task.isShare ? 1 : (rows.map(\.highest).max() ?? 1)
        let scale = (width - left - right) / most
        let parts = rows.enumerated().map { index, each -> String in
            let y = Double(index) * row + 6
            func x(_ score: Double) -> Double { left + scale * score }
            var bar = [
                Markup.label(
                    each.contender.rawValue, x: left - 12, y: y + 15, anchor: "end",
                    style: "bar-name"),
                Markup.element(
                    "rect",
                    [
                        "x": Markup.place(left), "y": Markup.place(y), "rx": "3", "height": "22",
                        "width": Markup.place(scale * each.score),
                        "class": "bar \(style(each.contender))",
                    ]),
                Markup.label(
                    ComparisonFigures.score(each), x: x(each.highest) + 12, y: y + 16,
                    style: "bar-value"),
            ]
            if each.seeds > 1 {
                bar.append(
                    Markup.line(x(each.lowest), y + 11, x(each.highest), y + 11, style: "range"))
                for end in [each.lowest, each.highest] {
                    bar.append(Markup.line(x(end), y + 6, x(end), y + 16, style: "range"))
                }
            }
            return bar.joined()
        }
        let picture = Markup.picture(
            width: Int(width), height: Int(Double(rows.count) * row + 4),
            title: "\(task.rawValue): \(task.scoreName)", parts.joined(separator: "\n"))
        return """
            <h2>\(heading(task))</h2>
            <p>\(explanation(task))</p>
            <section class="card">\(picture)
            <p class="soft">The mean of the seeds\(task.isShare ? "" : "; less is better"). The thin lines are their range.</p>
            </section>
            """
    }

    static func lengthName(_ task: MemoryTask) -> String {
        switch task {
        case .adding: "numbers in a sequence"
        case .copying: "blanks between hearing and saying"
        case .parity: "bits in a sequence"
        }
    }

    static func heading(_ task: ComparisonTask) -> String {
        switch task {
        case .adding: "Adding"
        case .copying: "Copying"
        case .parity: "Parity"
        case .sentiment: "Sentiment"
        case .languageModel: "Language model"
        case .speed: "Speed and memory by length"
        }
    }

    static func explanation(_ task: ComparisonTask) -> String {
        switch task {
        case .adding:
            "Two of the numbers are marked; their sum is asked for at the end, to within \(MemoryTask.tolerance). The longer the sequence, the further a number has to be carried, and its gradient back."
        case .copying:
            "\(MemoryTask.remembered) of \(MemoryTask.symbols) symbols go by, then blanks; then they are to be said again, all of them, in order. The state must hold them as they are."
        case .parity:
            "Is the number of ones odd? Every bit turns the answer round, so that nothing short of the whole sequence helps: no gradient points the way."
        case .sentiment:
            "Labelled texts, as <code>martlet train sentiment</code> does it, in one direction and without n-grams (a Transformer of two blocks); judged on texts that nothing was learned from."
        case .languageModel:
            "The next character of running text, as <code>martlet train language-model</code> does it with one layer (a Transformer of two blocks as <code>martlet train gpt</code> does it, in windows); judged on text that nothing was learned from."
        case .speed:
            "Nothing is learned here: a step of training on \(CostTrial.batch) sequences, and one more step of a single sequence after so many, which is how a text is written."
        }
    }
}
