/// A part of a text that a pattern matches, or that lies between matches.
struct TextMatch: BitwiseCopyable {
    var start: Int32
    var end: Int32
    var isMatch: Bool
}

/// A pattern made ready to run.
enum CompiledPattern: Sendable {
    case text([UInt8])
    case known(KnownExpression)
    case expression(ExpressionProgram, part: String)

    /// Makes `pattern` ready, which stands in `part` of the tokenizer.
    ///
    /// Throws ``PipelineError`` where it is empty, not valid, or not supported.
    init(_ pattern: TextPattern, part: String) throws {
        switch pattern {
        case .text(let text):
            guard !text.isEmpty else {
                throw PipelineError.unsupported(part: part, reason: "an empty pattern")
            }
            self = .text(Array(text.utf8))
        case .expression(let text):
            if let known = KnownExpression(text) {
                self = .known(known)
            } else {
                self = .expression(try ExpressionProgram(text, part: part), part: part)
            }
        }
    }

    /// Appends all matches and what lies between them, from `start` to `end`, without a gap.
    ///
    /// Throws ``PipelineError/unsupported(part:reason:)`` where an expression looks so far ahead at every place that time is
    /// no longer linear in the text.
    func find(
        in text: UnsafePointer<UInt8>, _ start: Int, _ end: Int, _ traits: UnicodeTraits,
        _ memory: inout ExpressionMemory, into matches: inout FlatBuffer<TextMatch>
    ) throws(PipelineError) {
        guard start < end else { return }
        switch self {
        case .text(let wanted):
            wanted.withUnsafeBufferPointer { find($0, in: text, start, end, into: &matches) }
        case .known(let expression):
            let scanner = ExpressionScanner(text, end: end, traits: traits)
            var place = start
            while place < end {
                let next =
                    switch expression {
                    case .gpt2: scanner.gpt2(place)
                    case .gpt4(let digits, let endsAtOnce):
                        scanner.gpt4(place, digits: digits, endsAtOnce: endsAtOnce)
                    case .gpt4o: scanner.gpt4o(place)
                    }
                matches.append(TextMatch(start: Int32(place), end: Int32(next), isMatch: true))
                place = next
            }
        case .expression(let program, let part):
            try find(program, part, in: text, start, end, traits, &memory, into: &matches)
        }
    }

    private func find(
        _ wanted: UnsafeBufferPointer<UInt8>, in text: UnsafePointer<UInt8>, _ start: Int,
        _ end: Int, into matches: inout FlatBuffer<TextMatch>
    ) {
        let (first, count) = (wanted[0], wanted.count)
        var last = start
        var place = start
        while place + count <= end {
            if text[place] == first, equal(text + place, wanted.baseAddress!, count) {
                if last < place {
                    matches.append(TextMatch(start: Int32(last), end: Int32(place), isMatch: false))
                }
                place += count
                matches.append(
                    TextMatch(start: Int32(place - count), end: Int32(place), isMatch: true))
                last = place
            } else {
                place += 1
            }
        }
        if last < end {
            matches.append(TextMatch(start: Int32(last), end: Int32(end), isMatch: false))
        }
    }

    private func find(
        _ program: ExpressionProgram, _ part: String, in text: UnsafePointer<UInt8>, _ start: Int,
        _ end: Int, _ traits: UnicodeTraits, _ memory: inout ExpressionMemory,
        into matches: inout FlatBuffer<TextMatch>
    ) throws(PipelineError) {
        memory.begin()
        let limit = (end - start + 4096) * (program.instructions.count + 8) * 8
        var last = start
        var from = start
        var lastEnd = -1
        while from <= end,
            let match = memory.search(program, text, start, end, from: from, traits)
        {
            guard memory.work < limit else {
                throw .unsupported(
                    part: part,
                    reason: "an expression that looks at all of a long text for every match")
            }
            if match.start == match.end, match.end == lastEnd {
                // An empty match directly after another one does not count.
                from += from < end ? scalarLength(text[from]) : 1
                continue
            }
            if last < match.start {
                matches.append(
                    TextMatch(start: Int32(last), end: Int32(match.start), isMatch: false))
            }
            matches.append(
                TextMatch(start: Int32(match.start), end: Int32(match.end), isMatch: true))
            last = match.end
            from = match.end
            lastEnd = match.end
        }
        if last < end {
            matches.append(TextMatch(start: Int32(last), end: Int32(end), isMatch: false))
        }
    }
}
