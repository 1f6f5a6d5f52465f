extension DictionarySegmenter {
    /// The lengths of the words of a run of CJK characters of the basic plane, in order.
    func lengths(_ characters: [UInt16]) -> [Int] {
        words(of: characters.map(UInt32.init)).map(\.count)
    }
}
