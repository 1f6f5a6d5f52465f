/// What is done to a text before it is split (`normalizer` of `tokenizer.json`).
public indirect enum Normalizer: Sendable, Equatable {
    /// `BertNormalizer`: control characters out, white space to spaces, spaces around Han characters,
    /// accents stripped (`strip_accents`; nil: as `lowercase` says), lower case.
    case bert(cleanText: Bool, handleChineseCharacters: Bool, stripAccents: Bool?, lowercase: Bool)
    /// `Strip`: white space off the ends.
    case strip(left: Bool, right: Bool)
    /// `StripAccents`: combining marks out.
    case stripAccents
    /// `NFC`: canonical composition.
    case nfc
    /// `NFD`: canonical decomposition.
    case nfd
    /// `NFKC`: compatibility composition.
    case nfkc
    /// `NFKD`: compatibility decomposition.
    case nfkd
    /// `Lowercase`.
    case lowercase
    /// `Nmt`: the white space and control characters of the early translation models.
    case nmt
    /// `Precompiled`: SentencePiece's character map, as the bytes of `precompiled_charsmap`.
    case precompiled(PrecompiledCharacterMap)
    /// `Replace`: every match of `pattern` becomes `content`.
    case replace(TextPattern, content: String)
    /// `Prepend`: put before a text that is not empty.
    case prepend(String)
    /// `ByteLevel`: every byte becomes a visible character.
    case byteLevel
    /// `Sequence`: one after the other.
    case sequence([Normalizer])
}
