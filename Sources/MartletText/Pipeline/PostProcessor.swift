/// What is put around the tokens of a text, or of two (`post_processor` of `tokenizer.json`).
public indirect enum PostProcessor: Sendable, Equatable {
    /// `TemplateProcessing`.
    case template(TokenTemplate)
    /// `BertProcessing`: `[CLS] A [SEP]`, `[CLS] A [SEP] B [SEP]`.
    case bert(separator: SpecialToken, start: SpecialToken)
    /// `RobertaProcessing`: `<s> A </s>`, `<s> A </s> </s> B </s>`.
    case roberta(
        separator: SpecialToken, start: SpecialToken, trimsOffsets: Bool, addsPrefixSpace: Bool)
    /// `ByteLevel`: offsets without white space.
    case byteLevel(ByteLevelOptions)
    /// `Sequence`: one after the other.
    case sequence([PostProcessor])

    /// A token by its text and its number.
    public struct SpecialToken: Sendable, Equatable {
        /// The text.
        public var content: String
        /// The number.
        public var id: Int32

        /// A token by its text and its number.
        public init(content: String, id: Int32) {
            self.content = content
            self.id = id
        }
    }
}

/// Where the texts and the special tokens stand (`TemplateProcessing`).
public struct TokenTemplate: Sendable, Equatable {
    /// One part of a template.
    public enum Part: Sendable, Equatable {
        /// The first text (`A`), with its type.
        case first(typeID: Int32)
        /// The second text (`B`), with its type.
        case second(typeID: Int32)
        /// A special token by its name in ``TokenTemplate/specialTokens``, with its type.
        case special(String, typeID: Int32)
    }

    /// The tokens that a name stands for.
    public struct Special: Sendable, Equatable {
        /// The name.
        public var name: String
        /// The numbers.
        public var ids: [Int32]
        /// The texts, as many as numbers.
        public var tokens: [String]

        /// The tokens that `name` stands for.
        public init(name: String, ids: [Int32], tokens: [String]) {
            self.name = name
            self.ids = ids
            self.tokens = tokens
        }
    }

    /// For one text.
    public var single: [Part]
    /// For two texts.
    public var pair: [Part]
    /// What the names stand for.
    public var specialTokens: [Special]

    /// A template.
    ///
    /// Throws ``PipelineError/invalid(part:reason:)`` where a name stands for nothing, or numbers and texts differ in count.
    public init(single: [Part], pair: [Part], specialTokens: [Special]) throws {
        self.single = single
        self.pair = pair
        self.specialTokens = specialTokens
        for special in specialTokens where special.ids.count != special.tokens.count {
            throw PipelineError.invalid(
                part: "post_processor.special_tokens[\"\(special.name)\"]",
                reason: "\(special.ids.count) ids, but \(special.tokens.count) tokens")
        }
        for case .special(let name, _) in single + pair
        where !specialTokens.contains(where: { $0.name == name }) {
            throw PipelineError.invalid(
                part: "post_processor",
                reason: "the template names \"\(name)\", which is not "
                    + "one of special_tokens")
        }
        if single.contains(where: { if case .second = $0 { true } else { false } }) {
            throw PipelineError.invalid(
                part: "post_processor.single", reason: "a template for one text has a second one")
        }
    }

    /// The tokens that `name` stands for.
    func special(_ name: String) -> Special { specialTokens.first { $0.name == name }! }

    /// How many tokens the template for one text, or for two, adds.
    func addedCount(isPair: Bool) -> Int {
        (isPair ? pair : single).reduce(0) { count, part in
            guard case .special(let name, _) = part else { return count }
            return count + special(name).ids.count
        }
    }
}
