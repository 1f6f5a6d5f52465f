/// A unigram model made ready to run.
final class UnigramRunner: Sendable {
    private let model: UnigramModel
    /// The number of the unknown piece; -1 where there is none.
    let unknownID: Int32
    /// The pieces `<0x00>` … `<0xFF>`; empty without byte fallback.
    private let fallback: [Int32]

    init(_ model: UnigramModel) {
        self.model = model
        unknownID = model.unknownID ?? -1
        fallback = model.hasByteFallback ? ByteFallback.pieces(model.table) : []
    }

    /// Appends the tokens of a word.
    func append(
        _ word: UnsafePointer<UInt8>, _ count: Int, _ lattice: inout UnigramLattice,
        to output: inout TokenOutput
    ) throws(PipelineError) {
        guard count > 0 else { return }
        lattice.prepare(count)
        try model.scores.withUnsafeBufferPointer { (scores) throws(PipelineError) in
            try search(word, count, scores, &lattice)
        }
        lattice.trace(count, unknownID)
        var index = lattice.ends.count - 1
        var start = 0
        while index >= 0 {
            let end = Int(lattice.ends[index])
            index -= 1
            let id = model.table.find(word + start, end - start)
            if id >= 0 {
                output.append(id, start, end)
            } else if !fallback.isEmpty,
                (start..<end).allSatisfy({ fallback[Int(word[$0])] >= 0 })
            {
                for place in start..<end { output.append(fallback[Int(word[place])], start, end) }
            } else {
                output.append(unknownID, start, end)
            }
            start = end
        }
    }

    /// The best way to each place, from left to right.
    @inline(__always)
    private func search(
        _ word: UnsafePointer<UInt8>, _ count: Int, _ scores: UnsafeBufferPointer<Double>,
        _ lattice: inout UnigramLattice
    ) throws(PipelineError) {
        let trie = model.trie
        let nodes = lattice.nodes.base
        var start = 0
        while start < count {
            let score = nodes[start].score
            let length = scalarLength(word[start])
            var hasSingle = false
            var node = trie.start(word[start])
            var end = start + 1
            while node != 0 {
                let id = trie.piece(node)
                if id >= 0 {
                    let candidate = scores[Int(id)] + score
                    if nodes[end].start < 0 || candidate > nodes[end].score {
                        nodes[end] = UnigramLattice.Node(
                            score: candidate, start: Int32(truncatingIfNeeded: start), id: id)
                    }
                    if end - start == length { hasSingle = true }
                }
                guard end < count else { break }
                node = trie.next(node, word[end])
                end += 1
            }
            if !hasSingle {
                let candidate = model.unknownScore + score
                let end = start + length
                if nodes[end].start < 0 || candidate > nodes[end].score {
                    guard unknownID >= 0 else {
                        throw .unknownText(
                            reason: "a character is not in the vocabulary, and unk_id is missing")
                    }
                    nodes[end] = UnigramLattice.Node(
                        score: candidate, start: Int32(truncatingIfNeeded: start), id: unknownID)
                }
            }
            start += length
        }
    }
}

/// What the search for the best pieces remembers; a worker has its own.
struct UnigramLattice: ~Copyable {
    struct Node: BitwiseCopyable {
        var score: Double
        /// Where the last piece begins; -1 where no way leads here.
        var start: Int32
        var id: Int32
    }

    var nodes = FlatBuffer<Node>()
    /// The ends of the pieces of the best way, from the last to the first.
    var ends = FlatBuffer<Int32>()

    mutating func prepare(_ count: Int) {
        nodes.count = 0
        nodes.reserve(count + 1)
        for _ in 0...count { nodes.append(Node(score: 0, start: -1, id: 0)) }
    }

    /// Walks the best way back; unknown pieces side by side are one.
    mutating func trace(_ count: Int, _ unknownID: Int32) {
        ends.count = 0
        var end = count
        var wasUnknown = false
        while end > 0 {
            let node = nodes[end]
            let isUnknown = node.id == unknownID
            if !(isUnknown && wasUnknown) { ends.append(Int32(truncatingIfNeeded: end)) }
            wasUnknown = isUnknown
            end = Int(node.start)
        }
    }
}
