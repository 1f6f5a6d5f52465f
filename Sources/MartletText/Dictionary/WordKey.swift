/// A word of one to four CJK characters of the basic plane as one integer, 16 bits a character.
enum WordKey {
    /// The longest word, in characters.
    static let longest = 4

    /// The key of `characters[start..<start + length]`.
    static func make(_ characters: [UInt16], _ start: Int, _ length: Int) -> UInt64 {
        var key: UInt64 = 0
        for index in start..<start + length { key = key << 16 | UInt64(characters[index]) }
        return key
    }

    /// The characters of the word.
    static func characters(_ key: UInt64) -> [UInt32] {
        (0..<length(key)).reversed().map { UInt32(key >> UInt64(16 * $0) & 0xFFFF) }
    }

    /// How many characters the word has.
    static func length(_ key: UInt64) -> Int { (64 - key.leadingZeroBitCount + 15) / 16 }

    /// The first `count` characters of the word.
    static func prefix(_ key: UInt64, _ count: Int) -> UInt64 {
        key >> UInt64(16 * (length(key) - count))
    }

    /// The last `count` characters of the word.
    static func suffix(_ key: UInt64, _ count: Int) -> UInt64 {
        key & (UInt64.max >> UInt64(64 - 16 * count))
    }
}
