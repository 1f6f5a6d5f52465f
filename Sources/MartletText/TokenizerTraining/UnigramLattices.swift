#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// All ways to part each word into pieces, as a graph of places and pieces.
///
/// The words are worked on in parts whose number is fixed, and sums are added up in their order: results do not depend
/// on the number of threads.
struct UnigramLattices {
    let text: UnigramText
    let lengths: [UInt8]
    let scores: [Double]
    let edges: [UInt32]
    let edgeStarts: [Int]
    let threads: Int

    private static let parts = 16

    /// The bounds of part `part`: so many places each, whole words.
    private func words(ofPart part: Int) -> Range<Int> {
        func bound(_ part: Int) -> Int {
            let place = text.symbols.count * part / Self.parts
            var (low, high) = (0, text.starts.count)
            while low < high {
                let middle = (low + high) / 2
                if text.starts[middle] < place { low = middle + 1 } else { high = middle }
            }
            return low
        }
        return bound(part)..<(part + 1 == Self.parts ? text.starts.count : bound(part + 1))
    }

    private func end(ofWord word: Int) -> Int {
        (word + 1 < text.starts.count ? text.starts[word + 1] : text.symbols.count) - 1
    }

    /// How often each piece is expected in the words, and the mean logarithm of a word's probability.
    func expectation() -> (expected: [Double], logProbability: Double) {
        let probabilities = scores.map(exp)
        let parts = TrainingThreads.map(Self.parts, threads: threads) { part in
            var sums = [Double](repeating: 0, count: scores.count)
            let log = sums.withUnsafeMutableBufferPointer {
                expectation(words(ofPart: part), probabilities, into: $0)
            }
            return (expected: sums, log: log)
        }
        let count = Double(text.counts.reduce(0, +))
        return (Self.sum(parts.map(\.expected)), parts.reduce(0) { $0 + $1.log } / count)
    }

    /// The sums of all parts, added up in their order.
    private static func sum<Number: AdditiveArithmetic>(_ parts: [[Number]]) -> [Number] {
        var total = parts[0]
        for part in parts.dropFirst() {
            for piece in total.indices { total[piece] += part[piece] }
        }
        return total
    }

    /// Forward and backward through each word (Baum 1972), with probabilities that are scaled where they get small.
    private func expectation(
        _ words: Range<Int>, _ probabilities: [Double],
        into sums: UnsafeMutableBufferPointer<Double>
    ) -> Double {
        var passes = LatticePasses()
        var logSum = 0.0
        for word in words {
            let start = text.starts[word]
            let length = end(ofWord: word) - start
            let count = Double(text.counts[word])
            logSum +=
                count
                * passes.run(
                    start: start, length: length, count: count, edges: edges,
                    edgeStarts: edgeStarts,
                    lengths: lengths, probabilities: probabilities, into: sums)
        }
        return logSum
    }

    /// How often each piece stands in the likeliest parting of the words.
    func bestCounts() -> [Int] {
        let parts = TrainingThreads.map(Self.parts, threads: threads) { part in
            var counts = [Int](repeating: 0, count: scores.count)
            var best: [Double] = []
            var back: [UInt32] = []
            for word in words(ofPart: part) {
                let start = text.starts[word]
                let length = end(ofWord: word) - start
                viterbi(start, length, without: nil, &best, &back)
                var place = length
                while place > 0 {
                    let piece = Int(back[place])
                    counts[piece] += text.counts[word]
                    place -= Int(lengths[piece])
                }
            }
            return counts
        }
        return Self.sum(parts)
    }

    /// For each piece its likeliest parting into others, and whether the piece itself is likelier than that.
    func alternatives(places: [UInt32]) -> [(parts: [UInt32], isBest: Bool)] {
        let blocks = (scores.count + 4095) / 4096
        return TrainingThreads.map(blocks, threads: threads) { block in
            var best: [Double] = []
            var back: [UInt32] = []
            var alternatives: [(parts: [UInt32], isBest: Bool)] = []
            for piece in block * 4096..<min(scores.count, (block + 1) * 4096) {
                let length = Int(lengths[piece])
                guard length > 1 else {
                    alternatives.append(([], true))
                    continue
                }
                viterbi(Int(places[piece]), length, without: UInt32(piece), &best, &back)
                var parts: [UInt32] = []
                var place = length
                while place > 0 {
                    parts.append(back[place])
                    place -= Int(lengths[Int(back[place])])
                }
                alternatives.append((parts, scores[piece] >= best[length]))
            }
            return alternatives
        }.flatMap { $0 }
    }

    /// The likeliest parting of `length` characters from `start`: the score and last piece up to each of them.
    private func viterbi(
        _ start: Int, _ length: Int, without excluded: UInt32?, _ best: inout [Double],
        _ back: inout [UInt32]
    ) {
        if best.count <= length {
            best = Array(repeating: 0, count: length * 2 + 16)
            back = Array(repeating: 0, count: length * 2 + 16)
        }
        best[0] = 0
        for place in 1...max(length, 1) { best[place] = -.infinity }
        for place in 0..<length {
            let score = best[place]
            for edge in edgeStarts[start + place]..<edgeStarts[start + place + 1] {
                let piece = edges[edge]
                let end = place + Int(lengths[Int(piece)])
                if end > length { break }
                if piece == excluded { continue }
                let candidate = score + scores[Int(piece)]
                if candidate > best[end] {
                    best[end] = candidate
                    back[end] = piece
                }
            }
        }
    }
}
