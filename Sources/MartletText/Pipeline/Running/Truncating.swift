extension Encoding {
    /// Keeps `maximum` tokens, and cuts the rest into parts of the same size that share `stride` tokens.
    ///
    /// Throws ``PipelineError/invalid(part:reason:)`` where the stride is not smaller than the parts.
    mutating func truncate(to maximum: Int, stride: Int, direction: TextSide) throws {
        guard maximum < count else { return }
        guard maximum > 0 else {
            let whole = self
            self = Encoding()
            overflowing = [whole]
            return
        }
        guard stride < maximum else {
            throw PipelineError.invalid(
                part: "truncation.stride",
                reason: "\(stride) is not smaller than the \(maximum) tokens there is room for")
        }
        let whole = self
        let step = maximum - stride
        var ranges: [Range<Int>] = []
        switch direction {
        case .right:
            var start = 0
            while ranges.last?.upperBound != count {
                ranges.append(start..<min(start + maximum, count))
                start += step
            }
        case .left:
            var end = count
            while ranges.last?.lowerBound != 0 {
                ranges.append(max(0, end - maximum)..<end)
                end -= step
            }
        }
        self = whole.part(ranges[0])
        overflowing = ranges.dropFirst().map { whole.part($0) }
    }

    private func part(_ range: Range<Int>) -> Encoding {
        var part = Encoding()
        part.ids = Array(ids[range])
        part.tokens = Array(tokens[range])
        part.typeIDs = Array(typeIDs[range])
        part.words = Array(words[range])
        part.byteOffsets = Array(byteOffsets[range])
        part.offsets = Array(offsets[range])
        part.specialTokensMask = Array(specialTokensMask[range])
        part.attentionMask = Array(attentionMask[range])
        return part
    }

    /// Fills up to `length` tokens, the parts that were cut off too.
    mutating func pad(to length: Int, _ padding: TokenPadding) {
        for index in overflowing.indices { overflowing[index].pad(to: length, padding) }
        guard count < length else { return }
        let missing = length - count
        var filling = Encoding()
        for _ in 0..<missing {
            filling.appendSpecial(
                id: padding.id, token: padding.token, typeID: padding.typeID, isPadding: true)
        }
        let (ranges, parts) = (sequenceRanges, overflowing)
        if padding.direction == .right {
            filling.sequenceRanges = [:]
            overflowing = []
            merge(filling)
            sequenceRanges = ranges
        } else {
            sequenceRanges = [:]
            overflowing = []
            filling.merge(self)
            self = filling
            sequenceRanges = ranges.mapValues {
                $0.lowerBound + missing..<$0.upperBound + missing
            }
        }
        overflowing = parts
    }
}

extension TokenPadding {
    /// How long encodings of these lengths become.
    func length(_ counts: some Sequence<Int>) -> Int {
        let wanted =
            switch strategy {
            case .fixed(let length): length
            case .batchLongest: counts.max() ?? 0
            }
        guard let multipleOf, multipleOf > 0, wanted % multipleOf > 0 else { return wanted }
        return wanted + multipleOf - wanted % multipleOf
    }
}

extension Truncation {
    /// Truncates one encoding, or two, so that `room` tokens are left.
    ///
    /// Throws ``PipelineError/invalid(part:reason:)`` where that cannot be done.
    func apply(to encodings: inout [Encoding], room: Int) throws {
        let counts = encodings.map(\.count)
        let total = counts.reduce(0, +)
        guard room > 0 else {
            for index in encodings.indices {
                try encodings[index].truncate(to: 0, stride: stride, direction: direction)
            }
            return
        }
        guard total > room else { return }
        if strategy == .longestFirst {
            guard counts.count == 2 else {
                return try encodings[0].truncate(to: room, stride: stride, direction: direction)
            }
            let isSwapped = counts[0] > counts[1]
            var short = min(counts[0], counts[1])
            var long = short > room ? short : max(short, room - short)
            if short + long > room {
                short = room / 2
                long = short + room % 2
            }
            let lengths = isSwapped ? [long, short] : [short, long]
            for index in encodings.indices {
                try encodings[index].truncate(
                    to: lengths[index], stride: stride, direction: direction)
            }
            return
        }
        let index = strategy == .onlyFirst ? 0 : 1
        guard index < counts.count else {
            throw PipelineError.invalid(
                part: "truncation", reason: "OnlySecond, but there is no second text")
        }
        let left = counts[index] - (total - room)
        guard left > 0 else {
            throw PipelineError.invalid(
                part: "truncation",
                reason: "\(counts[index]) tokens are too few to cut "
                    + "\(total - room) off")
        }
        try encodings[index].truncate(to: left, stride: stride, direction: direction)
    }
}
