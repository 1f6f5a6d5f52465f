/// Merges pairs in words, the most frequent first.
///
/// A pair keeps the list of the words it was found in, so that a merge touches only those; what it changes in the
/// counts is added up first, and then the pairs that are new are queued. An entry of the queue whose count has
/// changed since goes back with its new one.
struct PairMerger {
    /// The pieces, old and new.
    private(set) var pieces: PieceNumbers
    private var merges: [TrainedBPE.Merge] = []
    private var words: SymbolisedWords
    private var pairs = PairTable()
    private var lists = PlaceLists()
    private var queue = PairQueue()
    /// The pairs with places that are not queued yet.
    private var touched: [Int] = []
    /// How many symbols each piece consists of.
    private var symbolCounts: [Int]
    private let prefix: [UInt8]
    private let maximumLength: Int

    /// Takes the words, and counts their pairs.
    init(
        _ words: inout SymbolisedWords, pieces: PieceNumbers, prefix: String?, maximumLength: Int?
    ) {
        self.words = words
        words = SymbolisedWords()
        self.pieces = pieces
        self.prefix = Array((prefix ?? "").utf8)
        self.maximumLength = maximumLength ?? .max
        symbolCounts = Array(repeating: 1, count: pieces.count)
        for word in self.words.starts.indices {
            let start = self.words.starts[word]
            let end = start + Int(self.words.lengths[word])
            for place in start..<max(start, end - 1) {
                found(
                    self.words.symbols[place], self.words.symbols[place + 1], in: word,
                    count: self.words.counts[word])
            }
        }
        queueTouched()
    }

    /// Merges until there are `size` pieces, or no pair is left that was seen `minimumFrequency` times.
    mutating func run(size: Int, minimumFrequency: Int, report: TokenizerTrainingReport) {
        var told = pieces.count
        while pieces.count < size, var top = queue.pop() {
            let count = pairs.counts[Int(top.pair)]
            if top.count != count {
                top.count = count
                queue.push(top)
                continue
            }
            if count < max(1, minimumFrequency) { break }
            merge(top)
            if pieces.count >= told + 256 {
                told = pieces.count
                report(.merging(pieces: told, of: size))
            }
        }
        report(.merging(pieces: pieces.count, of: size))
    }

    /// The merges without those that come again later.
    var distinctMerges: [TrainedBPE.Merge] {
        var last: [UInt64: Int] = [:]
        for (index, merge) in merges.enumerated() {
            last[PairTable.key(UInt32(merge.left), UInt32(merge.right))] = index
        }
        return merges.enumerated().filter {
            last[PairTable.key(UInt32($1.left), UInt32($1.right))] == $0
        }.map(\.element)
    }

    private mutating func merge(_ entry: PairQueue.Entry) {
        let left = UInt32(entry.key >> 32)
        let right = UInt32(entry.key & 0xFFFF_FFFF)
        let tail = pieces[Int(right)]
        let isContinuing = !prefix.isEmpty && tail.starts(with: prefix)
        let text = Array(pieces[Int(left)]) + (isContinuing ? tail.dropFirst(prefix.count) : tail)
        let made = pieces.add(text)
        if made == symbolCounts.count {
            symbolCounts.append(symbolCounts[Int(left)] + symbolCounts[Int(right)])
        }
        merges.append(.init(left: Int(left), right: Int(right), piece: made))
        var node = entry.first
        var last = node
        while node >= 0 {
            replace(left, right, with: UInt32(made), in: Int(lists.word(node)))
            last = node
            node = lists.next(node)
        }
        lists.release(first: entry.first, last: last)
        queueTouched()
    }

    /// Replaces the pair from left to right in one word.
    private mutating func replace(
        _ left: UInt32, _ right: UInt32, with made: UInt32, in word: Int
    ) {
        let start = words.starts[word]
        let length = Int(words.lengths[word])
        let count = words.counts[word]
        let width = symbolCounts[Int(made)]
        var (from, to) = (0, 0)
        while from < length {
            let symbol = words.symbols[start + from]
            guard symbol == left, from + 1 < length, words.symbols[start + from + 1] == right else {
                words.symbols[start + to] = symbol
                from += 1
                to += 1
                continue
            }
            if to > 0 {
                let before = words.symbols[start + to - 1]
                lost(before, left, count: count)
                if symbolCounts[Int(before)] + width < maximumLength {
                    found(before, made, in: word, count: count)
                }
            }
            from += 2
            if from < length {
                let after = words.symbols[start + from]
                lost(right, after, count: count)
                if symbolCounts[Int(after)] + width < maximumLength {
                    found(made, after, in: word, count: count)
                }
            }
            words.symbols[start + to] = made
            to += 1
        }
        words.lengths[word] = Int32(to)
    }

    private mutating func found(_ left: UInt32, _ right: UInt32, in word: Int, count: Int) {
        let pair = pairs.index(of: PairTable.key(left, right))
        pairs.counts[pair] += count
        if pairs.places[pair].first < 0 { touched.append(pair) }
        lists.append(UInt32(word), to: &pairs.places[pair])
    }

    private mutating func lost(_ left: UInt32, _ right: UInt32, count: Int) {
        pairs.counts[pairs.index(of: PairTable.key(left, right))] -= count
    }

    private mutating func queueTouched() {
        for pair in touched {
            let places = pairs.places[pair]
            pairs.places[pair] = (-1, -1)
            if pairs.counts[pair] > 0 {
                queue.push(
                    .init(
                        count: pairs.counts[pair], key: pairs.keys[pair], pair: UInt32(pair),
                        first: places.first))
            } else {
                lists.release(first: places.first, last: places.last)
            }
        }
        touched.removeAll(keepingCapacity: true)
    }
}

extension SymbolisedWords {
    /// No words.
    init() {}
}
