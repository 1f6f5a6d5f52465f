extension TokenizerPipeline {
    /// The content of a `tokenizer.json` that Hugging Face loads with the same behaviour; the same bytes for the same parts.
    public func json() -> [UInt8] {
        var text = JSONText()
        text.raw("{\n\"version\": \"1.0\",\n\"truncation\": ")
        text.value(truncation?.json ?? .null)
        text.raw(",\n\"padding\": ")
        text.value(padding?.json ?? .null)
        text.raw(",\n\"added_tokens\": [")
        for (index, token) in addedTokens.enumerated() {
            text.raw(index == 0 ? "\n" : ",\n")
            text.value(token.json)
        }
        text.raw("],\n\"normalizer\": ")
        text.value(normalizer?.json ?? .null)
        text.raw(",\n\"pre_tokenizer\": ")
        text.value(preTokenizer?.json ?? .null)
        text.raw(",\n\"post_processor\": ")
        text.value(postProcessor?.json ?? .null)
        text.raw(",\n\"decoder\": ")
        text.value(decoder?.json ?? .null)
        text.raw(",\n\"model\": ")
        model.write(into: &text)
        text.raw("\n}\n")
        return text.bytes
    }
}

extension TokenModel {
    /// Appends the model as `tokenizer.json` has it.
    fileprivate func write(into text: inout JSONText) {
        func member(_ key: String, _ value: JSONText.Value) {
            text.raw(",\n")
            text.string(key)
            text.raw(": ")
            text.value(value)
        }
        switch self {
        case .bytePair(let model):
            let options = model.options
            text.raw("{\n\"type\": \"BPE\"")
            member("dropout", options.dropout.map { .real(Double("\($0)")!) } ?? .null)
            member("unk_token", .optional(options.unknownToken))
            member("continuing_subword_prefix", .optional(options.continuingPrefix))
            member("end_of_word_suffix", .optional(options.endOfWordSuffix))
            member("fuse_unk", .flag(options.fusesUnknown))
            member("byte_fallback", .flag(options.hasByteFallback))
            member("ignore_merges", .flag(options.ignoresMerges))
            Self.writePieces(model.table, into: &text)
            text.raw(",\n\"merges\": [")
            for (index, pair) in model.merges.pairs.enumerated() {
                text.raw(index == 0 ? "\n[" : ",\n[")
                text.string(model.table.bytes(of: Int32(truncatingIfNeeded: pair >> 32)))
                text.raw(", ")
                text.string(model.table.bytes(of: Int32(truncatingIfNeeded: pair)))
                text.raw("]")
            }
            text.raw("]\n}")
        case .unigram(let model):
            text.raw("{\n\"type\": \"Unigram\"")
            member("unk_id", model.unknownID.map { .number(Int($0)) } ?? .null)
            text.raw(",\n\"vocab\": [")
            for (id, score) in model.scores.enumerated() {
                text.raw(id == 0 ? "\n[" : ",\n[")
                text.string(model.table.bytes(of: Int32(id)))
                text.raw(", \(score)]")
            }
            text.raw("]")
            member("byte_fallback", .flag(model.hasByteFallback))
            text.raw("\n}")
        case .wordPiece(let model):
            text.raw("{\n\"type\": \"WordPiece\"")
            member("unk_token", .text(model.unknownToken))
            member("continuing_subword_prefix", .text(model.continuingPrefix))
            member("max_input_chars_per_word", .number(model.maximumCharactersPerWord))
            Self.writePieces(model.table, into: &text)
            text.raw("\n}")
        case .wordLevel(let model):
            text.raw("{\n\"type\": \"WordLevel\"")
            Self.writePieces(model.table, into: &text)
            member("unk_token", .text(model.unknownToken))
            text.raw("\n}")
        }
    }

    private static func writePieces(_ table: PieceTable, into text: inout JSONText) {
        text.raw(",\n\"vocab\": {")
        var isFirst = true
        for id in 0..<Int32(table.idLimit) where table.has(id) {
            text.raw(isFirst ? "\n" : ",\n")
            isFirst = false
            text.string(table.bytes(of: id))
            text.raw(": \(id)")
        }
        text.raw("}")
    }
}
