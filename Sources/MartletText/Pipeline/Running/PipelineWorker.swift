/// All that one thread needs to take a text through the stages; it is used by one call at a time.
final class PipelineWorker {
    let traits = UnicodeTraits()
    private var memory = ExpressionMemory()
    private var runner = NormalizerRunner()
    private var splitter = PieceSplitter()
    private var cache = WordCache()
    private var chain = SymbolChain()
    private var lattice = UnigramLattice()
    private var scratch = FlatBuffer<UInt8>()
    /// The text as it is now, if it is no longer the original.
    private var text = WorkText()
    private var spare = WorkText()
    private(set) var pieces = FlatBuffer<TextPiece>()
    private var following = FlatBuffer<TextPiece>()
    private(set) var output = TokenOutput()
    /// Where the text is now; it lives until the next call.
    private(set) var base: UnsafePointer<UInt8>
    private let nothing: UnsafeMutablePointer<UInt8>

    init() {
        nothing = .allocate(capacity: 1)
        nothing.initialize(to: 0)
        base = UnsafePointer(nothing)
    }

    deinit { nothing.deallocate() }

    /// `text` after `steps`.
    func normalise(_ text: String, _ steps: [NormalizerStep]) throws -> String {
        let bytes = Array(text.utf8)
        self.text.removeAll(tracks: false)
        bytes.withUnsafeBufferPointer { buffer in
            if let base = buffer.baseAddress {
                self.text.append(original: base, from: 0, to: buffer.count)
            }
        }
        try runner.run(
            steps, on: &self.text, from: 0, origin: 0, traits: traits, memory: &memory)
        return String(
            decoding: UnsafeBufferPointer(start: self.text.bytes.base, count: self.text.count),
            as: UTF8.self)
    }

    /// Takes `original` through added tokens, normalizer and pre-tokenizer: into ``pieces`` of the text at ``base``.
    ///
    /// `tracks`: whether each byte is to know where it comes from; `leavesBytes`: whether bytes that are to become visible at
    /// the end stay as they are. Throws ``PipelineError`` where the text is or becomes too long, or an expression takes too
    /// long.
    func prepare(
        _ original: UnsafePointer<UInt8>, _ count: Int, _ engine: PipelineEngine, tracks: Bool,
        leavesBytes: Bool
    ) throws {
        pieces.count = 0
        following.count = 0
        base = original
        // Whatever the last text was, this one knows where it comes from only if that is asked for.
        text.removeAll(tracks: tracks)
        guard count > 0 else { return }
        try WorkText.checkSize(count)
        engine.added.split(original, 0, count, isNormalized: false, traits) { start, end, id in
            following.append(
                TextPiece(start: Int32(start), end: Int32(end), id: id, origin: Int32(start)))
        }
        if tracks || !engine.normalizer.isEmpty {
            for index in 0..<following.count {
                let piece = following[index]
                let start = text.count
                text.append(original: original, from: Int(piece.start), to: Int(piece.end))
                if piece.id < 0 {
                    try runner.run(
                        engine.normalizer, on: &text, from: start, origin: Int(piece.origin),
                        traits: traits, memory: &memory)
                }
                try WorkText.checkSize(text.count)
                following[index].start = Int32(start)
                following[index].end = Int32(text.count)
            }
            base = UnsafePointer(text.bytes.base)
        }
        splitNormalized(engine.added, tracks)
        for (index, step) in engine.splits.enumerated() {
            if leavesBytes, index == engine.splits.count - 1 { break }
            try apply(step)
        }
    }

    /// Takes the added tokens that are found in normalised text out.
    private func splitNormalized(_ added: AddedTokenIndex, _ tracks: Bool) {
        for index in 0..<following.count {
            let piece = following[index]
            guard piece.id < 0 else {
                pieces.append(piece)
                continue
            }
            added.split(base, Int(piece.start), Int(piece.end), isNormalized: true, traits) {
                start, end, id in
                let origin =
                    tracks
                    ? text.alignments[start].x : start == Int(piece.start) ? piece.origin : 1
                pieces.append(
                    TextPiece(start: Int32(start), end: Int32(end), id: id, origin: origin))
            }
        }
    }

    private func apply(_ step: SplitStep) throws {
        following.count = 0
        switch step {
        case .prefixSpace:
            try rewrite { worker, piece in
                let hasSpace = worker.base[Int(piece.start)] == 0x20
                worker.copy(piece, prefix: hasSpace ? nil : 0x20)
            }
        case .visibleBytes:
            try rewrite { worker, piece in
                for place in Int(piece.start)..<Int(piece.end) {
                    let value = ByteAlphabet.scalars[Int(worker.base[place])]
                    worker.spare.append(scalar: value, worker.alignment(place))
                }
            }
        case .metaspace(let options):
            let mark = options.replacement.value
            try rewrite { worker, piece in
                let first = scalar(worker.base, Int(piece.start)).value
                let isMarked = first == mark || first == 0x20
                let isFirst = piece.origin == 0
                let isPrepended =
                    options.prepending == .always || options.prepending == .first && isFirst
                worker.copy(
                    piece, prefix: isPrepended && !isMarked ? mark : nil, space: mark)
            }
            guard options.splits else { return }
            following.count = 0
            let bytes = Array(UTF8.encode(options.replacement)!)
            bytes.withUnsafeBufferPointer { bytes in
                for index in 0..<pieces.count { splitBefore(bytes, pieces[index]) }
            }
            swap(&pieces, &following)
        default:
            for index in 0..<pieces.count {
                let piece = pieces[index]
                if piece.id >= 0 {
                    following.append(piece)
                } else {
                    let before = following.count
                    try splitter.split(
                        piece, by: step, base, traits, &memory, into: &following)
                    if text.tracks { setOrigins(from: before) }
                }
            }
            swap(&pieces, &following)
        }
    }

    private func setOrigins(from first: Int) {
        for index in first..<following.count {
            following[index].origin = text.alignments[Int(following[index].start)].x
        }
    }

    private func alignment(_ place: Int) -> Alignment {
        text.tracks ? text.alignments[place] : Alignment(0, 0)
    }

    /// Writes all pieces anew into another text, by `body`, which appends one to ``spare``.
    private func rewrite(_ body: (PipelineWorker, TextPiece) -> Void) throws {
        spare.removeAll(tracks: text.tracks)
        for index in 0..<pieces.count {
            let piece = pieces[index]
            let start = spare.count
            if piece.id >= 0 { copy(piece, prefix: nil) } else { body(self, piece) }
            try WorkText.checkSize(spare.count)
            pieces[index].start = Int32(start)
            pieces[index].end = Int32(spare.count)
        }
        swap(&text, &spare)
        base = UnsafePointer(text.bytes.base)
    }

    /// Appends `piece` to ``spare``, after `prefix`, with `space` for each space.
    private func copy(_ piece: TextPiece, prefix: UInt32?, space: UInt32? = nil) {
        let (start, end) = (Int(piece.start), Int(piece.end))
        if let prefix { spare.append(scalar: prefix, alignment(start)) }
        var last = start
        if let space {
            for place in start..<end where base[place] == 0x20 {
                copy(last, place)
                spare.append(scalar: space, alignment(place))
                last = place + 1
            }
        }
        copy(last, end)
    }

    private func copy(_ start: Int, _ end: Int) {
        spare.bytes.append(base + start, end - start)
        if spare.tracks { spare.alignments.append(text.alignments.base + start, end - start) }
    }

    /// Appends the parts of `piece` that begin with `mark`, and what stands before the first.
    private func splitBefore(_ mark: UnsafeBufferPointer<UInt8>, _ piece: TextPiece) {
        guard piece.id < 0 else { return following.append(piece) }
        let (first, size) = (mark[0], mark.count)
        let (start, end) = (Int(piece.start), Int(piece.end))
        var last = start
        var place = start
        while place < end {
            if base[place] == first, place + size <= end,
                equal(base + place, mark.baseAddress!, size)
            {
                part(of: piece, last, place)
                last = place
                place += size
            } else {
                place += 1
            }
        }
        part(of: piece, last, end)
    }

    private func part(of piece: TextPiece, _ start: Int, _ end: Int) {
        guard start < end else { return }
        let origin =
            text.tracks ? text.alignments[start].x : start == Int(piece.start) ? piece.origin : 1
        following.append(TextPiece(start: Int32(start), end: Int32(end), origin: origin))
    }

    /// Where the bytes from `start` to `end` of the text as it is now come from in the original.
    func source(_ start: Int, _ end: Int) -> Range<Int> {
        let first = Int(text.alignments[start].x)
        return first..<max(first, Int(text.alignments[end - 1].y))
    }
}

extension PipelineWorker {
    /// Begins a new list of tokens in ``output``.
    func beginOutput(tracks: Bool) { output.removeAll(tracks: tracks) }

    /// Appends an added token of `length` bytes to ``output``.
    func append(_ id: Int32, length: Int) { output.append(id, 0, length) }

    /// Appends all ``pieces`` as tokens to ``output``, by words that were seen before where they were.
    func tokenizePieces(_ engine: PipelineEngine, isBytes: Bool) throws {
        for index in 0..<pieces.count {
            let piece = pieces[index]
            if piece.id >= 0 {
                output.append(piece.id, 0, 0)
                continue
            }
            let (word, count) = (base + Int(piece.start), Int(piece.end - piece.start))
            guard engine.partsAtMark, !isBytes else {
                try tokenize(word, count, engine, isBytes: isBytes)
                continue
            }
            var place = 0
            while place < count {
                let end = BytePairRunner.partEnd(word, place, count)
                try tokenize(word + place, end - place, engine, isBytes: false)
                place = end
            }
        }
    }

    @inline(__always)
    private func tokenize(
        _ word: UnsafePointer<UInt8>, _ count: Int, _ engine: PipelineEngine, isBytes: Bool
    ) throws {
        guard count <= WordCache.longestWord, engine.isFixed else {
            return try tokenizeAnew(word, count, engine, isBytes: isBytes)
        }
        let key = hash(word, count)
        if cache.append(word, count, key, to: &output.ids) { return }
        let before = output.ids.count
        try tokenizeAnew(word, count, engine, isBytes: isBytes)
        cache.insert(
            word, count, key, output.ids.base + before, output.ids.count - before)
    }

    /// Appends the tokens of one word to ``output``.
    @inline(never)
    func tokenizeAnew(
        _ word: UnsafePointer<UInt8>, _ count: Int, _ engine: PipelineEngine, isBytes: Bool
    ) throws {
        switch engine.model {
        case .bytePair(let runner):
            try runner.append(
                word, count, isBytes: isBytes, &chain, &scratch, to: &output)
        case .unigram(let runner): try runner.append(word, count, &lattice, to: &output)
        case .wordPiece(let runner): try runner.append(word, count, to: &output)
        case .wordLevel(let runner): try runner.append(word, count, to: &output)
        }
    }
}
