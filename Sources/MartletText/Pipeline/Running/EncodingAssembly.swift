extension PipelineEngine {
    /// The tokens of one text, with all that is known of them, before truncation and the post-processor.
    func encoding(of text: String, typeID: Int32, _ worker: PipelineWorker) throws -> Encoding {
        var text = text
        return try text.withUTF8 { try encoding(of: $0, typeID: typeID, worker) }
    }

    private func encoding(
        of text: UnsafeBufferPointer<UInt8>, typeID: Int32, _ worker: PipelineWorker
    ) throws -> Encoding {
        guard let base = text.baseAddress, text.count > 0 else { return Encoding() }
        try worker.prepare(base, text.count, self, tracks: true, leavesBytes: false)
        worker.beginOutput(tracks: true)
        var ends: [Int] = []
        ends.reserveCapacity(worker.pieces.count)
        for word in 0..<worker.pieces.count {
            let piece = worker.pieces[word]
            let length = Int(piece.end - piece.start)
            if piece.id >= 0 {
                worker.append(piece.id, length: length)
            } else {
                try worker.tokenizeAnew(
                    worker.base + Int(piece.start), length, self, isBytes: false)
            }
            ends.append(worker.output.ids.count)
        }
        return assemble(ends, typeID, text, worker)
    }

    private func assemble(
        _ ends: [Int], _ typeID: Int32, _ text: UnsafeBufferPointer<UInt8>,
        _ worker: PipelineWorker
    ) -> Encoding {
        var encoding = Encoding()
        encoding.reserve(worker.output.ids.count)
        let characters = CharacterPlaces(text)
        var index = 0
        for (word, last) in ends.enumerated() {
            let piece = worker.pieces[word]
            while index < last {
                let id = worker.output.ids[index]
                let span = worker.output.spans[index]
                let (start, end) = (Int(piece.start + span.x), Int(piece.start + span.y))
                let source = start < end ? worker.source(start, end) : 0..<0
                encoding.ids.append(id)
                encoding.tokens.append(tokenText(id, piece, start, end, worker))
                encoding.typeIDs.append(typeID)
                encoding.words.append(Int32(word))
                encoding.byteOffsets.append(source)
                encoding.offsets.append(characters.range(source))
                encoding.specialTokensMask.append(0)
                encoding.attentionMask.append(1)
                index += 1
            }
        }
        return encoding
    }

    /// What Hugging Face shows of a token: the text of an added token or an unknown one, else the piece.
    private func tokenText(
        _ id: Int32, _ piece: TextPiece, _ start: Int, _ end: Int, _ worker: PipelineWorker
    ) -> String {
        var showsText = piece.id >= 0
        if case .unigram(let runner) = model, id == runner.unknownID { showsText = true }
        if showsText {
            return String(
                decoding: UnsafeBufferPointer(start: worker.base + start, count: end - start),
                as: UTF8.self)
        }
        return piece.id < 0 ? tokenModel.piece(id) ?? "" : added.token(id)?.content ?? ""
    }
}

extension Encoding {
    /// Makes room for `count` tokens.
    fileprivate mutating func reserve(_ count: Int) {
        ids.reserveCapacity(count)
        tokens.reserveCapacity(count)
        typeIDs.reserveCapacity(count)
        words.reserveCapacity(count)
        byteOffsets.reserveCapacity(count)
        offsets.reserveCapacity(count)
        specialTokensMask.reserveCapacity(count)
        attentionMask.reserveCapacity(count)
    }
}

/// From bytes to Unicode scalars, for ranges of a text.
private struct CharacterPlaces {
    /// How many scalars begin before each 64th byte; the text itself for the rest.
    private let counts: [Int]
    private let text: UnsafeBufferPointer<UInt8>

    init(_ text: UnsafeBufferPointer<UInt8>) {
        var counts: [Int] = []
        counts.reserveCapacity(text.count / 64 + 2)
        var count = 0
        for (place, byte) in text.enumerated() {
            if place % 64 == 0 { counts.append(count) }
            if byte & 0xC0 != 0x80 { count += 1 }
        }
        if text.count % 64 == 0 { counts.append(count) }
        self.counts = counts
        self.text = text
    }

    /// How many scalars begin before byte `place`.
    private func before(_ place: Int) -> Int {
        var count = counts[place / 64]
        for index in place / 64 * 64..<place where text[index] & 0xC0 != 0x80 { count += 1 }
        return count
    }

    /// The scalars that `bytes` lie in.
    func range(_ bytes: Range<Int>) -> Range<Int> {
        guard !bytes.isEmpty else { return 0..<0 }
        let isInside = text[bytes.lowerBound] & 0xC0 == 0x80
        let start = before(bytes.lowerBound) - (isInside ? 1 : 0)
        return start..<max(start, before(bytes.upperBound))
    }
}
