/// One pre-tokenizer, made ready to run.
enum SplitStep: Sendable {
    /// At a pattern.
    case pattern(CompiledPattern, SplitBehavior, isInverted: Bool)
    /// At scalars that have one of these traits.
    case traits(UInt32, SplitBehavior)
    /// At one scalar, which is left out.
    case scalar(UInt32)
    /// At white space, which is left out, and marks by themselves.
    case bert
    /// `\w+|[^\w\s]+`, without what lies between.
    case words
    /// A space before each piece that has none.
    case prefixSpace
    /// Bytes as visible characters.
    case visibleBytes
    case metaspace(MetaspaceOptions)
    case scripts
    case fixedLength(Int)

    /// The steps of `preTokenizer`, in order.
    ///
    /// Throws ``PipelineError`` where a pattern is not supported, or a length is not positive.
    static func steps(
        _ preTokenizer: PreTokenizer?, part: String = "pre_tokenizer"
    ) throws -> [SplitStep] {
        switch preTokenizer {
        case nil: return []
        case .byteLevel(let options):
            var steps: [SplitStep] = []
            if options.addsPrefixSpace { steps.append(.prefixSpace) }
            if options.usesExpression {
                steps.append(.pattern(.known(.gpt2), .isolated, isInverted: false))
            }
            return steps + [.visibleBytes]
        case .bert: return [.bert]
        case .whitespace: return [.words]
        case .whitespaceSplit: return [.traits(UnicodeTraits.space, .removed)]
        case .metaspace(let options): return [.metaspace(options)]
        case .digits(let individual):
            return [.traits(UnicodeTraits.numeric, individual ? .isolated : .contiguous)]
        case .punctuation(let behavior): return [.traits(UnicodeTraits.olderPunctuation, behavior)]
        case .characterDelimiter(let scalar): return [.scalar(scalar.value)]
        case .split(let pattern, let behavior, let isInverted):
            return [
                .pattern(
                    try CompiledPattern(pattern, part: part), behavior, isInverted: isInverted)
            ]
        case .unicodeScripts: return [.scripts]
        case .fixedLength(let length):
            guard length > 0 else {
                throw PipelineError.invalid(
                    part: "\(part).length", reason: "\(length) is not positive")
            }
            return [.fixedLength(length)]
        case .sequence(let preTokenizers):
            var steps: [SplitStep] = []
            for (index, preTokenizer) in preTokenizers.enumerated() {
                steps += try Self.steps(preTokenizer, part: "\(part).pretokenizers[\(index)]")
            }
            return steps
        }
    }
}

/// Pieces as they come out of a split, empty ones left out.
struct PieceSplitter: ~Copyable {
    private var matches = FlatBuffer<TextMatch>()

    /// Appends to `pieces` what `piece` becomes by `step`, which changes no text.
    mutating func split(
        _ piece: TextPiece, by step: SplitStep, _ text: UnsafePointer<UInt8>,
        _ traits: UnicodeTraits, _ memory: inout ExpressionMemory,
        into pieces: inout FlatBuffer<TextPiece>
    ) throws {
        let (start, end) = (Int(piece.start), Int(piece.end))
        switch step {
        case .pattern(.known(let expression), .isolated, _):
            let scanner = ExpressionScanner(text, end: end, traits: traits)
            switch expression {
            case .gpt2: cut(piece, into: &pieces) { scanner.gpt2($0) }
            case .gpt4(let digits, let endsAtOnce):
                cut(piece, into: &pieces) {
                    scanner.gpt4($0, digits: digits, endsAtOnce: endsAtOnce)
                }
            case .gpt4o: cut(piece, into: &pieces) { scanner.gpt4o($0) }
            }
        case .pattern(let pattern, let behavior, let isInverted):
            matches.count = 0
            try pattern.find(in: text, start, end, traits, &memory, into: &matches)
            if isInverted {
                for index in 0..<matches.count { matches[index].isMatch.toggle() }
            }
            apply(behavior, to: piece, into: &pieces)
        case .traits(let mask, let behavior):
            matches.count = 0
            find(start, end, text) { traits[$0] & mask != 0 }
            apply(behavior, to: piece, into: &pieces)
        case .scalar(let wanted):
            matches.count = 0
            find(start, end, text) { $0 == wanted }
            apply(.removed, to: piece, into: &pieces)
        case .bert: bert(piece, text, traits, into: &pieces)
        case .words: words(piece, text, traits, into: &pieces)
        case .scripts: scripts(piece, text, into: &pieces)
        case .fixedLength(let length):
            var place = start
            while place < end {
                let first = place
                for _ in 0..<length where place < end { place += scalarLength(text[place]) }
                append(piece, first, place, into: &pieces)
            }
        case .prefixSpace, .visibleBytes, .metaspace:
            preconditionFailure("PieceSplitter: a step that changes text")
        }
    }

    @inline(__always)
    private func append(
        _ piece: TextPiece, _ start: Int, _ end: Int, into pieces: inout FlatBuffer<TextPiece>
    ) {
        if start < end {
            pieces.append(
                TextPiece(
                    start: Int32(truncatingIfNeeded: start), end: Int32(truncatingIfNeeded: end),
                    origin: start == Int(piece.start) ? piece.origin : 1))
        }
    }

    @inline(__always)
    private func cut(
        _ piece: TextPiece, into pieces: inout FlatBuffer<TextPiece>, _ next: (Int) -> Int
    ) {
        var place = Int(piece.start)
        let end = Int(piece.end)
        while place < end {
            let after = next(place)
            append(piece, place, after, into: &pieces)
            place = after
        }
    }

    /// Notes scalars that pass `test` one by one, and what lies between them.
    @inline(__always)
    private mutating func find(
        _ start: Int, _ end: Int, _ text: UnsafePointer<UInt8>, _ test: (UInt32) -> Bool
    ) {
        var last = start
        var place = start
        while place < end {
            let (value, length) = scalar(text, place)
            if test(value) {
                if last < place {
                    matches.append(TextMatch(start: Int32(last), end: Int32(place), isMatch: false))
                }
                last = place + length
                matches.append(TextMatch(start: Int32(place), end: Int32(last), isMatch: true))
            }
            place += length
        }
        if last < end {
            matches.append(TextMatch(start: Int32(last), end: Int32(end), isMatch: false))
        }
    }

    /// Turns ``matches`` into pieces.
    private mutating func apply(
        _ behavior: SplitBehavior, to piece: TextPiece, into pieces: inout FlatBuffer<TextPiece>
    ) {
        switch behavior {
        case .removed:
            for index in 0..<matches.count where !matches[index].isMatch {
                let match = matches[index]
                append(piece, Int(match.start), Int(match.end), into: &pieces)
            }
        case .isolated:
            for index in 0..<matches.count {
                append(piece, Int(matches[index].start), Int(matches[index].end), into: &pieces)
            }
        case .contiguous:
            merge(piece, into: &pieces) { isMatch, previous in isMatch == previous }
        case .mergedWithPrevious:
            merge(piece, into: &pieces) { isMatch, previous in isMatch && !previous }
        case .mergedWithNext: mergeWithNext(piece, into: &pieces)
        }
    }

    /// Joins each match to the one before it where `joins` says so; before the first there was no match.
    private func merge(
        _ piece: TextPiece, into pieces: inout FlatBuffer<TextPiece>,
        _ joins: (_ isMatch: Bool, _ previous: Bool) -> Bool
    ) {
        var wasMatch = false
        var start = -1
        var end = -1
        for index in 0..<matches.count {
            let match = matches[index]
            if joins(match.isMatch, wasMatch), start >= 0 {
                end = Int(match.end)
            } else {
                if start >= 0 { append(piece, start, end, into: &pieces) }
                (start, end) = (Int(match.start), Int(match.end))
            }
            wasMatch = match.isMatch
        }
        if start >= 0 { append(piece, start, end, into: &pieces) }
    }

    private func mergeWithNext(
        _ piece: TextPiece, into pieces: inout FlatBuffer<TextPiece>
    ) {
        // From the back: a match goes to what follows it, unless that is a match too.
        for index in 0..<matches.count {
            let match = matches[index]
            let joinsNext =
                match.isMatch && index + 1 < matches.count && !matches[index + 1].isMatch
            if joinsNext { continue }
            let takesPrevious = !match.isMatch && index > 0 && matches[index - 1].isMatch
            let start = takesPrevious ? matches[index - 1].start : match.start
            append(piece, Int(start), Int(match.end), into: &pieces)
        }
    }

    private func bert(
        _ piece: TextPiece, _ text: UnsafePointer<UInt8>, _ traits: UnicodeTraits,
        into pieces: inout FlatBuffer<TextPiece>
    ) {
        let end = Int(piece.end)
        var last = Int(piece.start)
        var place = last
        while place < end {
            let (value, length) = scalar(text, place)
            let found = traits[value]
            if found & (UnicodeTraits.space | UnicodeTraits.olderPunctuation) != 0 {
                append(piece, last, place, into: &pieces)
                last = place + length
                if found & UnicodeTraits.space == 0 { append(piece, place, last, into: &pieces) }
            }
            place += length
        }
        append(piece, last, end, into: &pieces)
    }

    private func words(
        _ piece: TextPiece, _ text: UnsafePointer<UInt8>, _ traits: UnicodeTraits,
        into pieces: inout FlatBuffer<TextPiece>
    ) {
        // 0: white space, 1: a word, 2: anything else.
        var kind = 0
        var last = Int(piece.start)
        var place = last
        while place < Int(piece.end) {
            let (value, length) = scalar(text, place)
            let found = traits[value]
            let now =
                found & UnicodeTraits.word != 0 ? 1 : found & UnicodeTraits.space != 0 ? 0 : 2
            if now != kind {
                if kind != 0 { append(piece, last, place, into: &pieces) }
                last = place
                kind = now
            }
            place += length
        }
        if kind != 0 { append(piece, last, place, into: &pieces) }
    }

    private func scripts(
        _ piece: TextPiece, _ text: UnsafePointer<UInt8>, into pieces: inout FlatBuffer<TextPiece>
    ) {
        var previous = -1
        var last = -1
        var place = Int(piece.start)
        while place < Int(piece.end) {
            let (value, length) = scalar(text, place)
            let script = UnicodeScripts.group(value)
            // What is of any script joins the piece it stands in; what stands before the first script is left out.
            if script != UnicodeScripts.any {
                if previous != script {
                    if last >= 0 { append(piece, last, place, into: &pieces) }
                    last = place
                }
                previous = script
            }
            place += length
        }
        if last >= 0 { append(piece, last, place, into: &pieces) }
    }
}
