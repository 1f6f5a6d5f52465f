/// Byte-pair encoding: the characters of a word, joined pair by pair in the order of the merges.
///
/// Source: `models/bpe` of Hugging Face tokenizers, whose numbers and offsets it gives.
public struct BytePairModel: Sendable {
    /// What else a model is told; the names in parentheses are those of `tokenizer.json`.
    public struct Options: Sendable, Equatable {
        /// How likely a merge is left out, from 0 to 1 (`dropout`): for training on varied tokens.
        public var dropout: Float?
        /// The piece for characters that are no piece (`unk_token`).
        public var unknownToken: String?
        /// What pieces inside a word begin with (`continuing_subword_prefix`).
        public var continuingPrefix: String?
        /// What the last piece of a word ends with (`end_of_word_suffix`).
        public var endOfWordSuffix: String?
        /// Whether unknown characters side by side are one token (`fuse_unk`).
        public var fusesUnknown: Bool
        /// Whether what is unknown becomes pieces `<0x00>` … `<0xFF>` where those exist (`byte_fallback`).
        public var hasByteFallback: Bool
        /// Whether a word that is a piece is that piece, whatever the merges (`ignore_merges`).
        public var ignoresMerges: Bool

        /// Options, as Hugging Face's are by default.
        public init(
            dropout: Float? = nil, unknownToken: String? = nil, continuingPrefix: String? = nil,
            endOfWordSuffix: String? = nil, fusesUnknown: Bool = false,
            hasByteFallback: Bool = false, ignoresMerges: Bool = false
        ) {
            self.dropout = dropout
            self.unknownToken = unknownToken
            self.continuingPrefix = continuingPrefix
            self.endOfWordSuffix = endOfWordSuffix
            self.fusesUnknown = fusesUnknown
            self.hasByteFallback = hasByteFallback
            self.ignoresMerges = ignoresMerges
        }
    }

    let table: PieceTable
    let merges: MergeTable
    /// What else the model was told.
    public let options: Options

    /// A model whose piece number `i` is `pieces[i]`, and which joins `merges` in their order.
    ///
    /// Byte-level pieces are written in the visible alphabet (`Ġthe`), as in `tokenizer.json`. Throws
    /// ``PipelineError/invalid(part:reason:)`` where a piece occurs twice, or a merge names what is no piece.
    public init(
        pieces: [String], merges: [(left: String, right: String)], options: Options = Options()
    ) throws {
        let table = try PieceTable(pieces)
        var builder = MergeTable.Builder(table: table, options: options, capacity: merges.count)
        for merge in merges {
            var (left, right) = merge
            try left.withUTF8 { left in
                try right.withUTF8 { right in try builder.add(left, right) }
            }
        }
        try self.init(table: table, merges: builder.finish(), options: options)
    }

    /// A model whose piece number `i` is `pieces[i]`, and which joins the pairs of numbers `merges` in their order.
    ///
    /// Throws ``PipelineError/invalid(part:reason:)`` where a piece occurs twice, or a merge gives what is no piece.
    public init(
        pieces: [String], merges: [(left: Int32, right: Int32)], options: Options = Options()
    ) throws {
        let table = try PieceTable(pieces)
        var builder = MergeTable.Builder(table: table, options: options, capacity: merges.count)
        for merge in merges { try builder.add(merge.left, merge.right) }
        try self.init(table: table, merges: builder.finish(), options: options)
    }

    init(table: PieceTable, merges: MergeTable, options: Options) throws {
        if let dropout = options.dropout, !(0...1).contains(dropout) {
            throw PipelineError.invalid(
                part: "model.dropout", reason: "\(dropout) is not between 0 and 1")
        }
        self.table = table
        self.merges = merges
        self.options = options
    }
}
