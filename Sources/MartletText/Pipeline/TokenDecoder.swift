/// How the pieces of tokens become text again (`decoder` of `tokenizer.json`).
///
/// It is not called `Decoder`, which is the name of the standard library's protocol.
public indirect enum TokenDecoder: Sendable, Equatable {
    /// `BPEDecoder`: the suffix of a word's last piece becomes a space.
    case bytePair(suffix: String)
    /// `ByteLevel`: visible characters become bytes.
    case byteLevel
    /// `WordPiece`: pieces with the prefix are joined to what is before, others by a space.
    case wordPiece(prefix: String, cleansUp: Bool)
    /// `Metaspace`: visible spaces become spaces.
    case metaspace(MetaspaceOptions)
    /// `CTC`: repeated tokens are one, padding is left out.
    case ctc(padding: String, wordDelimiter: String, cleansUp: Bool)
    /// `Replace`.
    case replace(TextPattern, content: String)
    /// `Fuse`: all pieces become one.
    case fuse
    /// `Strip`: up to so many of a character off the ends of each piece.
    case strip(content: Unicode.Scalar, start: Int, stop: Int)
    /// `ByteFallback`: pieces such as `<0x0A>` become bytes.
    case byteFallback
    /// `Sequence`: one after the other.
    case sequence([TokenDecoder])
}
