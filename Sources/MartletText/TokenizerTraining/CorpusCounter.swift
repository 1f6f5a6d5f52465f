/// Counts the words of files, which may be larger than memory, on several threads.
///
/// The counts do not depend on the number of threads.
public struct CorpusCounter: Sendable {
    /// Takes a line with its end (valid UTF-8), and calls `word` with the UTF-8 of each of its words.
    public typealias Splitter =
        @Sendable (
            _ line: UnsafeBufferPointer<UInt8>, _ word: (UnsafeBufferPointer<UInt8>) -> Void
        ) throws -> Void

    /// How many threads count.
    public var threads: Int
    /// The longest word, in bytes (at least 4): a longer one is cut between characters, for the sake of the trainers' time.
    public var longestWord = 4096
    /// The bytes read at once for each thread.
    var blockSize = 1 << 20

    /// A counter on `threads` threads; by default `MARTLET_THREADS`, or the cores this process may use.
    public init(threads: Int? = nil) {
        self.threads = max(1, threads ?? TrainingThreads.standard)
    }

    /// The words of `files` as `split` finds them, line by line.
    ///
    /// Every file is read once from its start to its end. Throws ``TokenizerTrainingError`` for a file that cannot be
    /// read or is not UTF-8, and where there is no word, and what `split` throws.
    public func count(
        _ files: [String], split: @escaping Splitter, report: TokenizerTrainingReport = { _ in }
    ) throws -> WordCounts {
        var reader = try CorpusReader(files, blockSize: blockSize)
        // A part of a word has room for a character.
        let (threads, longest) = (max(1, threads), max(4, longestWord))
        let tables = (0..<threads).map { _ in WordCountTable() }
        var position = Position()
        var isAtEnd = false
        while !isAtEnd {
            var blocks: [CorpusBlock] = []
            while blocks.count < threads {
                guard let block = try reader.next() else {
                    isAtEnd = true
                    break
                }
                blocks.append(block)
            }
            let wave = blocks
            let outcomes = TrainingThreads.map(wave.count, threads: threads) { index in
                Result {
                    try Self.count(wave[index], split, into: tables[index], longest: longest)
                }
            }
            for (block, outcome) in zip(wave, outcomes) {
                do {
                    position.pass(block, lines: try outcome.get())
                } catch is InvalidText {
                    throw position.error(in: block, of: files)
                }
                report(.reading(bytes: position.bytes, of: reader.totalBytes))
            }
        }
        let counts = try Self.sum(tables, of: files)
        report(.counted(words: counts.total, distinct: counts.count))
        return counts
    }

    /// The words of a text in memory as `split` finds them, line by line.
    ///
    /// Throws ``TokenizerTrainingError/empty(paths:)`` where there is no word, and what `split` throws.
    public func count(text: String, split: @escaping Splitter) throws -> WordCounts {
        let bytes = Array(text.utf8)
        let longest = max(4, longestWord)
        var blocks: [Range<Int>] = []
        while (blocks.last?.upperBound ?? 0) < bytes.count {
            let start = blocks.last?.upperBound ?? 0
            var end = min(start + blockSize, bytes.count)
            while end < bytes.count, bytes[end - 1] != 0x0A { end += 1 }
            blocks.append(start..<end)
        }
        let parts = blocks
        let outcomes = TrainingThreads.map(parts.count, threads: max(1, threads)) { index in
            Result {
                let table = WordCountTable()
                let block = CorpusBlock(file: 0, bytes: Array(bytes[parts[index]]))
                _ = try Self.count(block, split, into: table, longest: longest)
                return table
            }
        }
        return try Self.sum(try outcomes.map { try $0.get() }, of: ["the text"])
    }

    /// The counts of all tables together; the first one takes them.
    private static func sum(_ tables: [WordCountTable], of files: [String]) throws -> WordCounts {
        guard let total = tables.first else { throw TokenizerTrainingError.empty(paths: files) }
        for table in tables.dropFirst() { total.add(table) }
        guard total.count > 0 else { throw TokenizerTrainingError.empty(paths: files) }
        return WordCounts(total)
    }

    /// Counts the words of a block; how many line ends it has.
    private static func count(
        _ block: CorpusBlock, _ split: Splitter, into table: WordCountTable, longest: Int
    ) throws -> Int {
        try block.bytes.withUnsafeBufferPointer { bytes in
            if firstInvalidUTF8(bytes) != nil { throw InvalidText() }
            var (start, lines) = (0, 0)
            while start < bytes.count {
                var end = start
                while end < bytes.count, bytes[end] != 0x0A { end += 1 }
                if end < bytes.count {
                    end += 1
                    lines += 1
                }
                try split(UnsafeBufferPointer(rebasing: bytes[start..<end])) { word in
                    if word.count <= longest {
                        table.add(word)
                    } else {
                        forEachPart(of: word, longest: longest) { table.add($0) }
                    }
                }
                start = end
            }
            return lines
        }
    }

    private static func forEachPart(
        of word: UnsafeBufferPointer<UInt8>, longest: Int,
        _ body: (UnsafeBufferPointer<UInt8>) -> Void
    ) {
        var start = 0
        while start < word.count {
            var end = min(start + longest, word.count)
            while end < word.count, word[end] & 0xC0 == 0x80, end > start + 1 { end -= 1 }
            body(UnsafeBufferPointer(rebasing: word[start..<end]))
            start = end
        }
    }
}

/// A block is not UTF-8.
private struct InvalidText: Error {}

/// How far the files are read.
private struct Position {
    var bytes = 0
    private var file = 0
    private var lines = 0

    mutating func pass(_ block: CorpusBlock, lines: Int) {
        enter(block.file)
        self.lines += lines
        bytes += block.bytes.count
    }

    mutating func error(in block: CorpusBlock, of files: [String]) -> TokenizerTrainingError {
        enter(block.file)
        return block.invalidByte(path: files[block.file], linesBefore: lines)!
    }

    private mutating func enter(_ file: Int) {
        if file != self.file { lines = 0 }
        self.file = file
    }
}
