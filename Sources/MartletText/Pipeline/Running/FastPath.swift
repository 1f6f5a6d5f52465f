extension PipelineEngine {
    /// The numbers of a text's tokens, before truncation and the post-processor; they live until the worker's next call.
    func ids(
        _ text: UnsafeBufferPointer<UInt8>, _ worker: PipelineWorker
    ) throws -> UnsafeBufferPointer<Int32> {
        worker.beginOutput(tracks: false)
        if let base = text.baseAddress, text.count > 0 {
            try worker.prepare(
                base, text.count, self, tracks: false, leavesBytes: takesBytes)
            try worker.tokenizePieces(self, isBytes: takesBytes)
        }
        return UnsafeBufferPointer(start: worker.output.ids.base, count: worker.output.ids.count)
    }

    /// The text of `ids`.
    func text(
        _ ids: UnsafeBufferPointer<Int32>, skipsSpecial: Bool, _ worker: PipelineWorker
    ) throws -> String {
        let texts = texts
        if decodesBytes {
            var bytes = FlatBuffer<UInt8>(capacity: ids.count * 6 + 16)
            texts.forEach(ids, skipsSpecial: skipsSpecial) { piece in
                if let base = piece.baseAddress { bytes.append(base, piece.count) }
            }
            return String(
                decoding: UnsafeBufferPointer(start: bytes.base, count: bytes.count),
                as: UTF8.self)
        }
        var pieces = PieceTexts()
        pieces.bytes.reserveCapacity(ids.count * 6)
        pieces.ends.reserveCapacity(ids.count)
        let isJoined = decoder.isEmpty && !hasDecoder
        texts.forEach(ids, skipsSpecial: skipsSpecial) { piece in
            if isJoined, pieces.count > 0 { pieces.bytes.append(0x20) }
            pieces.bytes.append(contentsOf: piece)
            pieces.endPiece()
        }
        guard pieces.count > 0 else { return "" }
        var memory = DecodingMemory(traits: worker.traits)
        for step in decoder { pieces = try step.run(pieces, &memory) }
        return String(decoding: pieces.bytes, as: UTF8.self)
    }
}

extension Truncation {
    /// Which of `count` tokens of one text stay where there is room for `room`.
    ///
    /// Throws ``PipelineError/invalid(part:reason:)`` where that cannot be done.
    func kept(of count: Int, room: Int) throws -> Range<Int> {
        guard count > room else { return 0..<count }
        guard room > 0 else { return 0..<0 }
        guard strategy != .onlySecond else {
            throw PipelineError.invalid(
                part: "truncation", reason: "OnlySecond, but there is no second text")
        }
        guard stride < room else {
            throw PipelineError.invalid(
                part: "truncation.stride",
                reason: "\(stride) is not smaller than the \(room) tokens there is room for")
        }
        return direction == .right ? 0..<room : count - room..<count
    }
}
