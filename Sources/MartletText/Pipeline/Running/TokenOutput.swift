/// The tokens of a text as they come: their numbers, and where in their piece they stand if that is asked for.
struct TokenOutput: ~Copyable {
    var ids = FlatBuffer<Int32>()
    /// From (x) and to (y) in the piece, in bytes; as many as numbers, or none.
    var spans = FlatBuffer<SIMD2<Int32>>()
    var tracks = false

    mutating func removeAll(tracks: Bool) {
        ids.count = 0
        spans.count = 0
        self.tracks = tracks
    }

    @inline(__always)
    mutating func append(_ id: Int32, _ start: Int, _ end: Int) {
        ids.append(id)
        if tracks {
            spans.append(SIMD2(Int32(truncatingIfNeeded: start), Int32(truncatingIfNeeded: end)))
        }
    }
}
