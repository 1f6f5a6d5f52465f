/// A WordPiece model made ready to run.
final class WordPieceRunner: Sendable {
    private let model: WordPieceModel
    private let trie: ByteTrie
    private let unknownID: Int32
    /// Where in the trie pieces inside a word begin.
    private let inside: UInt32
    private let hasPrefix: Bool

    init(_ model: WordPieceModel) throws {
        self.model = model
        trie = try ByteTrie(model.table)
        unknownID = model.table.id(of: model.unknownToken) ?? -1
        var node: UInt32 = 0
        for (index, byte) in model.continuingPrefix.utf8.enumerated() {
            node = index == 0 ? trie.start(byte) : node == 0 ? 0 : trie.next(node, byte)
        }
        inside = node
        hasPrefix = !model.continuingPrefix.isEmpty
    }

    /// Appends the tokens of a word.
    func append(
        _ word: UnsafePointer<UInt8>, _ count: Int, to output: inout TokenOutput
    ) throws(PipelineError) {
        let before = output.ids.count
        var start = 0
        if count > model.maximumCharactersPerWord {
            var characters = 0
            for place in 0..<count where word[place] & 0xC0 != 0x80 { characters += 1 }
            if characters > model.maximumCharactersPerWord { start = -1 }
        }
        while start >= 0, start < count {
            let (end, id) = longest(word, start, count)
            guard id >= 0 else {
                start = -1
                break
            }
            output.append(id, start, end)
            start = end
        }
        guard start < 0 else { return }
        output.ids.count = before
        if output.tracks { output.spans.count = before }
        guard unknownID >= 0 else {
            throw .unknownText(
                reason: "the unknown token \"\(model.unknownToken)\" is not in the vocabulary")
        }
        output.append(unknownID, 0, count)
    }

    /// The longest piece that the word goes on with at `start`.
    @inline(__always)
    private func longest(
        _ word: UnsafePointer<UInt8>, _ start: Int, _ count: Int
    ) -> (end: Int, id: Int32) {
        var best: (end: Int, id: Int32) = (start, -1)
        var node: UInt32
        if start == 0 || !hasPrefix {
            node = trie.start(word[start])
        } else {
            node = inside == 0 ? 0 : trie.next(inside, word[start])
        }
        var end = start + 1
        while node != 0 {
            let id = trie.piece(node)
            if id >= 0 { best = (end, id) }
            guard end < count else { break }
            node = trie.next(node, word[end])
            end += 1
        }
        return best
    }
}

/// A WordLevel model made ready to run.
final class WordLevelRunner: Sendable {
    private let model: WordLevelModel
    private let unknownID: Int32

    init(_ model: WordLevelModel) {
        self.model = model
        unknownID = model.table.id(of: model.unknownToken) ?? -1
    }

    /// Appends the token of a word.
    func append(
        _ word: UnsafePointer<UInt8>, _ count: Int, to output: inout TokenOutput
    ) throws(PipelineError) {
        let id = model.table.find(word, count)
        guard id >= 0 || unknownID >= 0 else {
            throw .unknownText(
                reason: "a word is not in the vocabulary, and neither is the unknown token "
                    + "\"\(model.unknownToken)\"")
        }
        output.append(id >= 0 ? id : unknownID, 0, count)
    }
}
