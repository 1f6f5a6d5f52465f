extension JSONPart {
    /// What cannot be read, because of its type.
    private func unknownType() throws -> PipelineError {
        .unsupported(part: name, reason: "the type \"\(try required("type").text())\"")
    }

    private func optional<Value>(
        _ key: String, _ read: (JSONPart) throws -> Value, default value: Value
    ) throws -> Value {
        guard let part = self[key] else { return value }
        return try read(part)
    }

    /// `pattern`: `{"String": …}` or `{"Regex": …}`, or a plain text.
    func pattern() throws -> TextPattern {
        let part = try required("pattern")
        if case .string(let text) = part.value { return .text(text) }
        if let text = part["String"] { return .text(try text.text()) }
        return .expression(try part.required("Regex").text())
    }

    func normalizer() throws -> Normalizer {
        switch try required("type").text() {
        case "BertNormalizer":
            return .bert(
                cleanText: try optional("clean_text", { try $0.flag() }, default: true),
                handleChineseCharacters: try optional(
                    "handle_chinese_chars", { try $0.flag() }, default: true),
                stripAccents: try optional("strip_accents", { try $0.flag() }, default: nil),
                lowercase: try optional("lowercase", { try $0.flag() }, default: true))
        case "Strip":
            return .strip(
                left: try required("strip_left").flag(), right: try required("strip_right").flag())
        case "StripAccents": return .stripAccents
        case "NFC": return .nfc
        case "NFD": return .nfd
        case "NFKC": return .nfkc
        case "NFKD": return .nfkd
        case "Lowercase": return .lowercase
        case "Nmt": return .nmt
        case "Precompiled":
            let part = try required("precompiled_charsmap")
            var bytes: [UInt8] = []
            var text = try part.text()
            guard text.withUTF8({ Base64.decode($0) { bytes.append($0) } }) else {
                throw PipelineError.invalid(part: part.name, reason: "not base 64")
            }
            return .precompiled(try PrecompiledCharacterMap(bytes: bytes))
        case "Replace":
            return .replace(try pattern(), content: try required("content").text())
        case "Prepend": return .prepend(try required("prepend").text())
        case "ByteLevel": return .byteLevel
        case "Sequence":
            return .sequence(try required("normalizers").list().map { try $0.normalizer() })
        default: throw try unknownType()
        }
    }

    private func byteLevel() throws -> ByteLevelOptions {
        ByteLevelOptions(
            addsPrefixSpace: try optional("add_prefix_space", { try $0.flag() }, default: true),
            trimsOffsets: try optional("trim_offsets", { try $0.flag() }, default: true),
            usesExpression: try optional("use_regex", { try $0.flag() }, default: true))
    }

    private func metaspace() throws -> MetaspaceOptions {
        var options = MetaspaceOptions(replacement: try required("replacement").scalar())
        options.splits = try optional("split", { try $0.flag() }, default: true)
        let addsPrefixSpace = try self["add_prefix_space"]?.flag()
        if let scheme = self["prepend_scheme"] {
            let names: [String: MetaspaceOptions.Prepending] = [
                "first": .first, "never": .never, "always": .always,
            ]
            guard let prepending = names[try scheme.text()] else {
                throw PipelineError.invalid(
                    part: scheme.name,
                    reason: "expected one of first, never, always, found "
                        + "\"\(try scheme.text())\"")
            }
            guard addsPrefixSpace != false || prepending == .never else {
                throw PipelineError.invalid(
                    part: name, reason: "add_prefix_space is false, but prepend_scheme is not never"
                )
            }
            options.prepending = prepending
        } else if addsPrefixSpace == false {
            options.prepending = .never
        }
        return options
    }

    func preTokenizer() throws -> PreTokenizer {
        switch try required("type").text() {
        case "ByteLevel": return .byteLevel(try byteLevel())
        case "BertPreTokenizer": return .bert
        case "Whitespace": return .whitespace
        case "WhitespaceSplit": return .whitespaceSplit
        case "Metaspace": return .metaspace(try metaspace())
        case "Digits": return .digits(individual: try required("individual_digits").flag())
        case "Punctuation":
            return .punctuation(
                try optional("behavior", { try $0.choice() }, default: SplitBehavior.isolated))
        case "CharDelimiterSplit", "Delimiter":
            return .characterDelimiter(try required("delimiter").scalar())
        case "Split":
            return .split(
                try pattern(), behavior: try required("behavior").choice(),
                isInverted: try optional("invert", { try $0.flag() }, default: false))
        case "UnicodeScripts": return .unicodeScripts
        case "FixedLength":
            return .fixedLength(try optional("length", { try $0.count() }, default: 5))
        case "Sequence":
            return .sequence(try required("pretokenizers").list().map { try $0.preTokenizer() })
        default: throw try unknownType()
        }
    }

    /// `["[SEP]", 102]`.
    private func specialToken() throws -> PostProcessor.SpecialToken {
        let parts = try list()
        guard parts.count == 2 else {
            throw PipelineError.invalid(part: name, reason: "expected a text and a number")
        }
        return PostProcessor.SpecialToken(content: try parts[0].text(), id: try parts[1].id())
    }

    private func templatePart() throws -> TokenTemplate.Part {
        if let special = self["SpecialToken"] {
            return .special(
                try special.required("id").text(), typeID: try special.required("type_id").id())
        }
        let sequence = try required("Sequence")
        let typeID = try sequence.required("type_id").id()
        switch try sequence.required("id").text() {
        case "A": return .first(typeID: typeID)
        case "B": return .second(typeID: typeID)
        case let other:
            throw PipelineError.invalid(
                part: sequence.name, reason: "expected A or B, found \"\(other)\"")
        }
    }

    func postProcessor() throws -> PostProcessor {
        switch try required("type").text() {
        case "TemplateProcessing":
            let special = try required("special_tokens").members().map { key, part in
                TokenTemplate.Special(
                    name: key, ids: try part.required("ids").list().map { try $0.id() },
                    tokens: try part.required("tokens").list().map { try $0.text() })
            }
            return .template(
                try TokenTemplate(
                    single: try required("single").list().map { try $0.templatePart() },
                    pair: try required("pair").list().map { try $0.templatePart() },
                    specialTokens: special))
        case "BertProcessing":
            return .bert(
                separator: try required("sep").specialToken(),
                start: try required("cls").specialToken())
        case "RobertaProcessing":
            return .roberta(
                separator: try required("sep").specialToken(),
                start: try required("cls").specialToken(),
                trimsOffsets: try optional("trim_offsets", { try $0.flag() }, default: true),
                addsPrefixSpace: try optional(
                    "add_prefix_space", { try $0.flag() }, default: true))
        case "ByteLevel": return .byteLevel(try byteLevel())
        case "Sequence":
            return .sequence(try required("processors").list().map { try $0.postProcessor() })
        default: throw try unknownType()
        }
    }

    func decoder() throws -> TokenDecoder {
        switch try required("type").text() {
        case "BPEDecoder": return .bytePair(suffix: try required("suffix").text())
        case "ByteLevel": return .byteLevel
        case "WordPiece":
            return .wordPiece(
                prefix: try required("prefix").text(), cleansUp: try required("cleanup").flag())
        case "Metaspace": return .metaspace(try metaspace())
        case "CTC":
            return .ctc(
                padding: try required("pad_token").text(),
                wordDelimiter: try required("word_delimiter_token").text(),
                cleansUp: try required("cleanup").flag())
        case "Replace": return .replace(try pattern(), content: try required("content").text())
        case "Fuse": return .fuse
        case "Strip":
            return .strip(
                content: try required("content").scalar(), start: try required("start").count(),
                stop: try required("stop").count())
        case "ByteFallback": return .byteFallback
        case "Sequence":
            return .sequence(try required("decoders").list().map { try $0.decoder() })
        default: throw try unknownType()
        }
    }

    func addedToken() throws -> AddedToken {
        AddedToken(
            id: try required("id").id(), content: try required("content").text(),
            isSingleWord: try optional("single_word", { try $0.flag() }, default: false),
            stripsLeft: try optional("lstrip", { try $0.flag() }, default: false),
            stripsRight: try optional("rstrip", { try $0.flag() }, default: false),
            isNormalized: try optional("normalized", { try $0.flag() }, default: true),
            isSpecial: try optional("special", { try $0.flag() }, default: false))
    }

    func truncation() throws -> Truncation {
        Truncation(
            maximumLength: try required("max_length").count(),
            strategy: try required("strategy").choice(),
            stride: try required("stride").count(),
            direction: try optional("direction", { try $0.choice() }, default: TextSide.right))
    }

    func padding() throws -> TokenPadding {
        let strategy = try required("strategy")
        var padding = TokenPadding(
            direction: try required("direction").choice(),
            multipleOf: try optional("pad_to_multiple_of", { try $0.count() }, default: nil),
            id: try required("pad_id").id(), typeID: try required("pad_type_id").id(),
            token: try required("pad_token").text())
        if let fixed = strategy["Fixed"] {
            padding.strategy = .fixed(try fixed.count())
        } else if try strategy.text() != "BatchLongest" {
            throw PipelineError.invalid(
                part: strategy.name, reason: "expected BatchLongest or {\"Fixed\": a number}")
        }
        return padding
    }
}
