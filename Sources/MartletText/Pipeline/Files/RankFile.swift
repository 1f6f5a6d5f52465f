/// A tiktoken file: on each line a piece in base 64, and its rank.
enum RankFile {
    /// The tokenizer of a tiktoken file; `path` says by its name which expression and special tokens go with it.
    ///
    /// Known names begin with `gpt2`, `r50k`, `p50k`, `cl100k` or `o200k`; others are read as `cl100k`. Special tokens, of
    /// which only `<|endoftext|>` of the first three is known, take the ranks that are left out, or else those after the last.
    /// Throws ``PipelineError``.
    static func tokenizer(_ bytes: [UInt8], path: String) throws -> TokenizerPipeline {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        let (expression, special) = Self.family(name)
        let table: PieceTable
        do {
            table = try PieceTable(try pieces(bytes, special, path: path))
        } catch PipelineError.invalid(let part, let reason) {
            throw PipelineError.damaged(path: path, reason: "\(part): \(reason)", offset: nil)
        }
        var builder = MergeTable.Builder(
            table: table, options: BytePairModel.Options(), capacity: table.count)
        for id in 0..<Int32(table.idLimit) { builder.addPairs(giving: id) { _ in true } }
        let model = try BytePairModel(
            table: table, merges: builder.finish(),
            options: BytePairModel.Options(ignoresMerges: true))
        return try TokenizerPipeline(
            model: .bytePair(model),
            preTokenizer: .sequence([
                .split(.expression(expression), behavior: .isolated, isInverted: false),
                .byteLevel(
                    ByteLevelOptions(
                        addsPrefixSpace: false, trimsOffsets: true, usesExpression: false)),
            ]), decoder: .byteLevel,
            addedTokens: special.enumerated().map {
                AddedToken(id: Int32(table.count + $0), content: $1, isSpecial: true)
            })
    }

    private static func family(_ name: String) -> (expression: String, special: [String]) {
        if name.hasPrefix("o200k") { return (KnownExpression.gpt4oText, []) }
        if ["gpt2", "r50k", "p50k"].contains(where: { name.hasPrefix($0) }) {
            return (KnownExpression.gpt2Text, ["<|endoftext|>"])
        }
        return (KnownExpression.cl100kText, [])
    }

    /// The pieces in the visible alphabet, by their ranks; `special` ones where ranks are left out (50256 in `p50k_base`).
    private static func pieces(
        _ bytes: [UInt8], _ special: [String], path: String
    ) throws -> [String] {
        var pieces: [String?] = []
        for (number, line) in bytes.split(separator: 0x0A).enumerated() {
            func failure(_ reason: String) -> PipelineError {
                .damaged(path: path, reason: "line \(number + 1): \(reason)", offset: nil)
            }
            var parts = line.split(separator: 0x20)
            if parts.last?.last == 0x0D { parts[parts.count - 1].removeLast() }
            guard parts.count == 2, let rank = Int(String(decoding: parts[1], as: UTF8.self)),
                rank >= 0, rank <= PieceTable.largestID
            else { throw failure("expected a piece in base 64, a space and a rank") }
            var text = ""
            let isBase64 = parts[0].withUnsafeBufferPointer {
                Base64.decode($0) { byte in
                    text.unicodeScalars.append(Unicode.Scalar(ByteAlphabet.scalars[Int(byte)])!)
                }
            }
            guard isBase64, !text.isEmpty else { throw failure("the piece is not base 64") }
            while pieces.count <= rank { pieces.append(nil) }
            guard pieces[rank] == nil else { throw failure("rank \(rank) occurs twice") }
            pieces[rank] = text
        }
        for (token, rank) in zip(special, pieces.indices.filter { pieces[$0] == nil }) {
            pieces[rank] = token
        }
        guard !pieces.isEmpty, !pieces.contains(nil) else {
            throw PipelineError.damaged(
                path: path, reason: "the ranks are not all from 0 to \(max(pieces.count, 1) - 1)",
                offset: nil)
        }
        return pieces.map { $0! }
    }
}
