/// The pieces that stand for the 256 bytes, as the trainers put them into vocabularies.
enum BytePieces {
    /// The character of each byte in byte-level vocabularies (``ByteAlphabet``).
    static let scalars: [Unicode.Scalar] = ByteAlphabet.scalars.map { Unicode.Scalar($0)! }

    /// The piece of each byte in vocabularies with byte fallback.
    static var fallbackPieces: [String] { ByteFallback.names }
}
