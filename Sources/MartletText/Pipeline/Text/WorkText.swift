/// Where a byte comes from in the original text: from (x) and to (y), in bytes.
typealias Alignment = SIMD2<Int32>

/// Text on its way, and for each byte where it comes from, if that is asked for.
struct WorkText: ~Copyable {
    var bytes = FlatBuffer<UInt8>()
    /// As many as bytes where alignments are tracked, none otherwise.
    var alignments = FlatBuffer<Alignment>()
    var tracks = false

    var count: Int { bytes.count }

    mutating func removeAll(tracks: Bool) {
        bytes.count = 0
        alignments.count = 0
        self.tracks = tracks
    }

    /// Appends part of the original text, each scalar aligned with itself.
    mutating func append(
        original: UnsafePointer<UInt8>, from start: Int, to end: Int
    ) {
        bytes.append(original + start, end - start)
        guard tracks else { return }
        var place = start
        while place < end {
            let length = scalarLength(original[place])
            let alignment = Alignment(Int32(place), Int32(place + length))
            for _ in 0..<length { alignments.append(alignment) }
            place += length
        }
    }

    /// Appends a scalar, all of whose bytes come from `alignment`.
    @inline(__always)
    mutating func append(scalar value: UInt32, _ alignment: Alignment) {
        let before = bytes.count
        bytes.append(scalar: value)
        if tracks {
            for _ in before..<bytes.count { alignments.append(alignment) }
        }
    }

    /// Replaces everything from `start` on by what `other` holds.
    mutating func replace(from start: Int, with other: borrowing WorkText) {
        bytes.count = start
        bytes.append(other.bytes.base, other.bytes.count)
        guard tracks else { return }
        alignments.count = start
        alignments.append(other.alignments.base, other.alignments.count)
    }
}

extension WorkText {
    /// Throws ``PipelineError/unsupported(part:reason:)`` where places in a text of `count` bytes do not fit 32 bits.
    static func checkSize(_ count: Int) throws(PipelineError) {
        guard count < Int(Int32.max) else {
            throw .unsupported(
                part: "encode", reason: "a text of 2 GiB or more, as it is or as it becomes,")
        }
    }

    /// Appends what `source` becomes from `start` to `end` by `changes`, with alignments as Hugging Face gives them.
    ///
    /// `removed` scalars at the beginning are taken out before the first change; `origin` is where the part begins in
    /// the original text.
    mutating func append(
        _ changes: borrowing FlatBuffer<ScalarChange>, of source: borrowing WorkText,
        from start: Int, to end: Int, removed: Int, origin: Int
    ) {
        guard tracks else {
            for index in 0..<changes.count { bytes.append(scalar: changes[index].value) }
            return
        }
        let text = source.bytes.base
        // What comes from nowhere at the beginning stays as it is.
        var cursor = start
        while cursor < end, source.alignments[cursor].x == source.alignments[cursor].y {
            cursor += 1
        }
        bytes.append(text + start, cursor - start)
        alignments.append(source.alignments.base + start, cursor - start)
        func skip(_ count: Int) {
            var left = count
            while left > 0, cursor < end {
                cursor += scalarLength(text[cursor])
                left -= 1
            }
        }
        skip(removed)
        for index in 0..<changes.count {
            let change = changes[index]
            let alignment: Alignment
            if change.change > 0 {
                alignment =
                    cursor <= start
                    ? Alignment(repeating: Int32(origin)) : source.alignments[cursor - 1]
            } else {
                alignment =
                    cursor < end
                    ? source.alignments[cursor]
                    : cursor > start
                        ? source.alignments[cursor - 1] : Alignment(repeating: Int32(origin))
                skip(1 - Int(change.change))
            }
            append(scalar: change.value, alignment)
        }
    }
}
