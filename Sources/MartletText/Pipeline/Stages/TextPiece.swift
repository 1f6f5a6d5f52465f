/// A part of a text on its way to the model: a word, or an added token.
struct TextPiece: BitwiseCopyable {
    /// Where it begins in the text as it is now.
    var start: Int32
    /// Where it ends.
    var end: Int32
    /// The number of the added token it is; -1 for others.
    var id: Int32 = -1
    /// Where it begins in the original text; without alignments, only whether it is zero counts.
    var origin: Int32
}
