/// Finds the longest of many tokens at the leftmost place, in one walk over the text (Aho and Corasick).
final class TokenAutomaton: Sendable {
    private let trie: ByteTrie
    /// For each node, the longest proper suffix of its text that is a node too.
    private let fail: ContiguousArray<UInt32>
    /// How many bytes lead to each node.
    private let depth: ContiguousArray<UInt32>
    /// The node itself or the longest of its suffixes at which a token ends; 0 where there is none.
    private let output: ContiguousArray<UInt32>
    /// The bytes that a token begins with.
    private let starts: ContiguousArray<Bool>

    /// An automaton for tokens, by their texts and numbers.
    ///
    /// Throws ``PipelineError/unsupported(part:reason:)`` where they are more than any known tokenizer has.
    init(_ tokens: [(text: [UInt8], id: Int32)]) throws {
        let trie = try ByteTrie(tokens, part: "added_tokens")
        self.trie = trie
        let edges = trie.edges().sorted { $0.depth < $1.depth }
        var fail = ContiguousArray<UInt32>(repeating: 0, count: trie.nodeCount)
        var depth = ContiguousArray<UInt32>(repeating: 0, count: trie.nodeCount)
        var output = ContiguousArray<UInt32>(repeating: 0, count: trie.nodeCount)
        for edge in edges {
            let child = Int(edge.child)
            depth[child] = edge.depth
            if edge.parent != 0 {
                var suffix = fail[Int(edge.parent)]
                while suffix != 0, trie.next(suffix, edge.byte) == 0 { suffix = fail[Int(suffix)] }
                fail[child] = trie.next(suffix, edge.byte)
            }
            output[child] = trie.piece(edge.child) >= 0 ? edge.child : output[Int(fail[child])]
        }
        self.fail = fail
        self.depth = depth
        self.output = output
        starts = ContiguousArray((0..<256).map { trie.start(UInt8($0)) != 0 })
    }

    /// The next token from `place` on: the longest at the leftmost place.
    func find(
        in text: UnsafePointer<UInt8>, from place: Int, to end: Int
    ) -> (start: Int, end: Int, id: Int32)? {
        var place = place
        var node: UInt32 = 0
        var best: (start: Int, end: Int, id: Int32)?
        while place < end {
            if node == 0 {
                if best != nil { return best }
                place = starts.withUnsafeBufferPointer { starts in
                    var place = place
                    while place < end, !starts[Int(text[place])] { place += 1 }
                    return place
                }
                guard place < end else { break }
            }
            let byte = text[place]
            var next = trie.next(node, byte)
            while next == 0, node != 0 {
                node = fail[Int(node)]
                // All that could still come begins after what was found.
                if let found = best, place - Int(depth[Int(node)]) > found.start { return best }
                next = trie.next(node, byte)
            }
            node = next
            place += 1
            let ended = output[Int(node)]
            guard ended != 0 else { continue }
            let start = place - Int(depth[Int(ended)])
            if best == nil || start <= best!.start {
                best = (start, place, trie.piece(ended))
            }
        }
        return best
    }
}
