#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A Unigram model while it is fitted: pieces with scores, and at each place of the words the pieces that start there.
struct UnigramModelFit {
    private let text: UnigramText
    private let threads: Int
    /// A place where each piece stands.
    private var places: [UInt32] = []
    private var lengths: [UInt8] = []
    /// The logarithm of each piece's probability; before the first round, its weight.
    private var scores: [Double] = []
    /// The pieces that start at each place, the shortest first, and where each place's pieces start.
    private var edges: [UInt32] = []
    private var edgeStarts: [Int] = [0]
    /// How many pieces are characters: the first ones, which always stay.
    private var characterCount: Int { text.alphabet.count }

    init(_ text: UnigramText, threads: Int) {
        self.text = text
        self.threads = threads
        edgeStarts.reserveCapacity(text.symbols.count + 1)
    }

    /// How many pieces there are.
    var count: Int { scores.count }

    mutating func addPiece(place: Int, length: Int, weight: Double) {
        places.append(UInt32(place))
        lengths.append(UInt8(length))
        scores.append(weight)
    }

    mutating func addEdge(_ piece: UInt32) { edges.append(piece) }

    mutating func closePlace() { edgeStarts.append(edges.count) }

    /// Makes scores of weights.
    mutating func normaliseWeights() {
        let sum = log(scores.reduce(0, +))
        for piece in scores.indices { scores[piece] = log(scores[piece]) - sum }
    }

    /// The pieces by falling score.
    func pieces() -> [TrainedUnigram.Piece] {
        (0..<count).map {
            TrainedUnigram.Piece(
                text: text.text(Int(places[$0]), Int(lengths[$0])), score: scores[$0])
        }.sorted {
            $0.score != $1.score
                ? $0.score > $1.score : $0.text.utf8.lexicographicallyPrecedes($1.text.utf8)
        }
    }

    /// One round of expectation and maximisation; returns the mean logarithm of a word's probability before it.
    ///
    /// - Parameter droppingRare: whether pieces that are expected less than half a time go.
    mutating func fit(droppingRare: Bool) -> Double {
        let (expected, logProbability) = lattices.expectation()
        // Characters stay, counted half where they are expected less.
        let least = 0.5
        var kept: [Bool] = []
        var sum = 0.0
        for piece in 0..<count {
            let isKept = piece < characterCount || !droppingRare || expected[piece] >= least
            kept.append(isKept)
            if isKept { sum += max(expected[piece], least) }
        }
        let logSum = digamma(sum)
        for piece in 0..<count where kept[piece] {
            scores[piece] = digamma(max(expected[piece], least)) - logSum
        }
        keep(kept)
        return logProbability
    }

    /// Leaves the `target` pieces whose loss would change the likelihood most, and all characters.
    mutating func cut(to target: Int) {
        guard count > target else { return }
        let used = lattices.bestCounts()
        let alternatives = lattices.alternatives(places: places)
        let total = Double(used.reduce(0, +))
        let words = Double(text.counts.reduce(0, +))
        var kept = [Bool](repeating: false, count: count)
        var room = target
        var losses: [(piece: Int, loss: Double)] = []
        for piece in 0..<count {
            if piece < characterCount {
                kept[piece] = true
                room -= 1
            } else {
                let frequency = Double(used[piece])
                let (parts, isBest) = alternatives[piece]
                // Nothing is lost where it is never used; those only fill the room.
                guard frequency > 0, isBest else {
                    losses.append((piece, frequency > 0 ? 0 : -.infinity))
                    continue
                }
                let logAfter = log(total + frequency * Double(parts.count - 1))
                let after = parts.reduce(0.0) {
                    $0 + log(Double(used[Int($1)]) + frequency) - logAfter
                }
                losses.append((piece, frequency / words * (log(frequency / total) - after)))
            }
        }
        losses.sort {
            if $0.loss != $1.loss { return $0.loss > $1.loss }
            let (left, right) = (scores[$0.piece], scores[$1.piece])
            return left != right ? left > right : $0.piece < $1.piece
        }
        for (piece, _) in losses.prefix(max(0, room)) { kept[piece] = true }
        keep(kept)
    }

    private var lattices: UnigramLattices {
        UnigramLattices(
            text: text, lengths: lengths, scores: scores, edges: edges, edgeStarts: edgeStarts,
            threads: threads)
    }

    /// Removes pieces and their edges; the others move up.
    private mutating func keep(_ kept: [Bool]) {
        guard kept.contains(false) else { return }
        var numbers = [UInt32](repeating: .max, count: count)
        var next = 0
        for piece in 0..<count where kept[piece] {
            numbers[piece] = UInt32(next)
            places[next] = places[piece]
            lengths[next] = lengths[piece]
            scores[next] = scores[piece]
            next += 1
        }
        places.removeLast(places.count - next)
        lengths.removeLast(lengths.count - next)
        scores.removeLast(scores.count - next)
        var (from, to) = (0, 0)
        for place in 0..<edgeStarts.count - 1 {
            let end = edgeStarts[place + 1]
            while from < end {
                let number = numbers[Int(edges[from])]
                if number != .max {
                    edges[to] = number
                    to += 1
                }
                from += 1
            }
            edgeStarts[place + 1] = to
        }
        edges.removeLast(edges.count - to)
    }
}

/// The derivative of the logarithm of the gamma function, for x > 0: recurrence up to 7, then its asymptotic series.
func digamma(_ x: Double) -> Double {
    var (x, result) = (x, 0.0)
    while x < 7 {
        result -= 1 / x
        x += 1
    }
    let inverse = 1 / (x * x)
    let series = inverse * (1 / 12 - inverse * (1 / 120 - inverse * (1 / 252 - inverse / 240)))
    return result + log(x) - 0.5 / x - series
}
