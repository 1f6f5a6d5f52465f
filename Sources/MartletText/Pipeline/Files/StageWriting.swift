extension TextPattern {
    fileprivate var json: JSONText.Value {
        switch self {
        case .text(let text): .object([("String", .text(text))])
        case .expression(let text): .object([("Regex", .text(text))])
        }
    }
}

extension Normalizer {
    /// As `tokenizer.json` has it.
    var json: JSONText.Value {
        func simple(_ type: String) -> JSONText.Value { .object([("type", .text(type))]) }
        switch self {
        case .bert(let cleans, let han, let accents, let lowercase):
            return .object([
                ("type", .text("BertNormalizer")), ("clean_text", .flag(cleans)),
                ("handle_chinese_chars", .flag(han)),
                ("strip_accents", accents.map(JSONText.Value.flag) ?? .null),
                ("lowercase", .flag(lowercase)),
            ])
        case .strip(let left, let right):
            return .object([
                ("type", .text("Strip")), ("strip_left", .flag(left)),
                ("strip_right", .flag(right)),
            ])
        case .stripAccents: return simple("StripAccents")
        case .nfc: return simple("NFC")
        case .nfd: return simple("NFD")
        case .nfkc: return simple("NFKC")
        case .nfkd: return simple("NFKD")
        case .lowercase: return simple("Lowercase")
        case .nmt: return simple("Nmt")
        case .byteLevel: return simple("ByteLevel")
        case .precompiled(let map):
            return .object([
                ("type", .text("Precompiled")),
                (
                    "precompiled_charsmap",
                    .text(String(decoding: Base64.encode(map.bytes), as: UTF8.self))
                ),
            ])
        case .replace(let pattern, let content):
            return .object([
                ("type", .text("Replace")), ("pattern", pattern.json), ("content", .text(content)),
            ])
        case .prepend(let text):
            return .object([("type", .text("Prepend")), ("prepend", .text(text))])
        case .sequence(let parts):
            return .object([
                ("type", .text("Sequence")), ("normalizers", .list(parts.map(\.json))),
            ])
        }
    }
}

extension ByteLevelOptions {
    /// As `tokenizer.json` has it.
    var json: JSONText.Value {
        .object([
            ("type", .text("ByteLevel")), ("add_prefix_space", .flag(addsPrefixSpace)),
            ("trim_offsets", .flag(trimsOffsets)), ("use_regex", .flag(usesExpression)),
        ])
    }
}

extension MetaspaceOptions {
    /// As `tokenizer.json` has it.
    var json: JSONText.Value {
        .object([
            ("type", .text("Metaspace")), ("replacement", .text(String(Character(replacement)))),
            ("prepend_scheme", .text(prepending.rawValue)), ("split", .flag(splits)),
        ])
    }
}

extension PreTokenizer {
    /// As `tokenizer.json` has it.
    var json: JSONText.Value {
        func simple(_ type: String) -> JSONText.Value { .object([("type", .text(type))]) }
        switch self {
        case .byteLevel(let options): return options.json
        case .bert: return simple("BertPreTokenizer")
        case .whitespace: return simple("Whitespace")
        case .whitespaceSplit: return simple("WhitespaceSplit")
        case .unicodeScripts: return simple("UnicodeScripts")
        case .metaspace(let options): return options.json
        case .digits(let individual):
            return .object([("type", .text("Digits")), ("individual_digits", .flag(individual))])
        case .punctuation(let behavior):
            return .object([
                ("type", .text("Punctuation")), ("behavior", .text(behavior.rawValue)),
            ])
        case .characterDelimiter(let scalar):
            return .object([
                ("type", .text("CharDelimiterSplit")),
                ("delimiter", .text(String(Character(scalar)))),
            ])
        case .split(let pattern, let behavior, let isInverted):
            return .object([
                ("type", .text("Split")), ("pattern", pattern.json),
                ("behavior", .text(behavior.rawValue)), ("invert", .flag(isInverted)),
            ])
        case .fixedLength(let length):
            return .object([("type", .text("FixedLength")), ("length", .number(length))])
        case .sequence(let parts):
            return .object([
                ("type", .text("Sequence")), ("pretokenizers", .list(parts.map(\.json))),
            ])
        }
    }
}

extension PostProcessor {
    /// As `tokenizer.json` has it.
    var json: JSONText.Value {
        func pair(_ token: SpecialToken) -> JSONText.Value {
            .list([.text(token.content), .number(Int(token.id))])
        }
        switch self {
        case .template(let template): return template.json
        case .bert(let separator, let start):
            return .object([
                ("type", .text("BertProcessing")), ("sep", pair(separator)), ("cls", pair(start)),
            ])
        case .roberta(let separator, let start, let trimsOffsets, let addsPrefixSpace):
            return .object([
                ("type", .text("RobertaProcessing")), ("sep", pair(separator)),
                ("cls", pair(start)), ("trim_offsets", .flag(trimsOffsets)),
                ("add_prefix_space", .flag(addsPrefixSpace)),
            ])
        case .byteLevel(let options): return options.json
        case .sequence(let parts):
            return .object([
                ("type", .text("Sequence")), ("processors", .list(parts.map(\.json))),
            ])
        }
    }
}

extension TokenTemplate {
    /// As `tokenizer.json` has it.
    fileprivate var json: JSONText.Value {
        func part(_ part: Part) -> JSONText.Value {
            let (kind, name, typeID) =
                switch part {
                case .first(let typeID): ("Sequence", "A", typeID)
                case .second(let typeID): ("Sequence", "B", typeID)
                case .special(let name, let typeID): ("SpecialToken", name, typeID)
                }
            return .object([
                (kind, .object([("id", .text(name)), ("type_id", .number(Int(typeID)))]))
            ])
        }
        let special = specialTokens.map { special -> (String, JSONText.Value) in
            (
                special.name,
                .object([
                    ("id", .text(special.name)),
                    ("ids", .list(special.ids.map { .number(Int($0)) })),
                    ("tokens", .list(special.tokens.map(JSONText.Value.text))),
                ])
            )
        }
        return .object([
            ("type", .text("TemplateProcessing")), ("single", .list(single.map(part))),
            ("pair", .list(pair.map(part))), ("special_tokens", .object(special)),
        ])
    }
}

extension TokenDecoder {
    /// As `tokenizer.json` has it.
    var json: JSONText.Value {
        func simple(_ type: String) -> JSONText.Value { .object([("type", .text(type))]) }
        switch self {
        case .bytePair(let suffix):
            return .object([("type", .text("BPEDecoder")), ("suffix", .text(suffix))])
        case .byteLevel: return ByteLevelOptions().json
        case .wordPiece(let prefix, let cleansUp):
            return .object([
                ("type", .text("WordPiece")), ("prefix", .text(prefix)),
                ("cleanup", .flag(cleansUp)),
            ])
        case .metaspace(let options): return options.json
        case .ctc(let padding, let delimiter, let cleansUp):
            return .object([
                ("type", .text("CTC")), ("pad_token", .text(padding)),
                ("word_delimiter_token", .text(delimiter)), ("cleanup", .flag(cleansUp)),
            ])
        case .replace(let pattern, let content):
            return .object([
                ("type", .text("Replace")), ("pattern", pattern.json), ("content", .text(content)),
            ])
        case .fuse: return simple("Fuse")
        case .strip(let content, let start, let stop):
            return .object([
                ("type", .text("Strip")), ("content", .text(String(Character(content)))),
                ("start", .number(start)), ("stop", .number(stop)),
            ])
        case .byteFallback: return simple("ByteFallback")
        case .sequence(let parts):
            return .object([("type", .text("Sequence")), ("decoders", .list(parts.map(\.json)))])
        }
    }
}

extension Truncation {
    /// As `tokenizer.json` has it.
    var json: JSONText.Value {
        .object([
            ("direction", .text(direction.rawValue)), ("max_length", .number(maximumLength)),
            ("strategy", .text(strategy.rawValue)), ("stride", .number(stride)),
        ])
    }
}

extension TokenPadding {
    /// As `tokenizer.json` has it.
    var json: JSONText.Value {
        let strategy: JSONText.Value =
            switch strategy {
            case .batchLongest: .text("BatchLongest")
            case .fixed(let length): .object([("Fixed", .number(length))])
            }
        return .object([
            ("strategy", strategy), ("direction", .text(direction.rawValue)),
            ("pad_to_multiple_of", multipleOf.map(JSONText.Value.number) ?? .null),
            ("pad_id", .number(Int(id))), ("pad_type_id", .number(Int(typeID))),
            ("pad_token", .text(token)),
        ])
    }
}

extension AddedToken {
    /// As `tokenizer.json` has it.
    var json: JSONText.Value {
        .object([
            ("id", .number(Int(id))), ("content", .text(content)),
            ("single_word", .flag(isSingleWord)), ("lstrip", .flag(stripsLeft)),
            ("rstrip", .flag(stripsRight)), ("normalized", .flag(isNormalized)),
            ("special", .flag(isSpecial)),
        ])
    }
}
