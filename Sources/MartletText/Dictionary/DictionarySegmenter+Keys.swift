extension DictionarySegmenter {
    /// A segmenter of words with their counts, in which every character that no word has is alone; a word with the count 0 is
    /// none.
    init(_ words: [(key: UInt64, count: Int)]) {
        self.init(
            WordDictionary(words.map { (WordKey.text($0.key), $0.count) }), longestNewWord: 1)
    }

    /// The lengths of the words of a run of CJK characters of the basic plane, in order.
    func lengths(_ characters: [UInt16]) -> [Int] {
        words(of: characters.map(UInt32.init)).map(\.count)
    }
}
