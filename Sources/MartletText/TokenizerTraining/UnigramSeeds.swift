/// The substrings of words that may become pieces: the characters, substrings that different texts follow, and words.
///
/// The substrings are the nodes of the suffix tree, as intervals of the suffix array (Abouelhoda et al. 2004).
struct UnigramSeeds {
    /// A substring that at least two different texts follow.
    private struct Node {
        var depth: UInt8
        /// A place where it stands.
        var place: UInt32
        /// The next longer node that it begins with; -1: none.
        var parent: Int32
        /// How often it stands in the words.
        var weight: Int
    }

    private let text: UnigramText
    private let order: SuffixOrder
    private let maximumLength: Int
    private let limit: Int
    private var nodes: [Node] = []
    /// The longest node of each rank of the suffix array; -1: none.
    private var deepest: [Int32] = []

    init(_ text: UnigramText, maximumLength: Int, limit: Int) {
        self.text = text
        self.maximumLength = maximumLength
        self.limit = limit
        order = SuffixOrder(
            text.symbols, alphabetCount: text.alphabet.count, depth: maximumLength)
        findNodes()
    }

    /// The word of each place.
    private func wordsByPlace() -> [Int32] {
        var words = [Int32](repeating: 0, count: text.symbols.count)
        for (word, start) in text.starts.enumerated() {
            var place = start
            while text.symbols[place] != 0 {
                words[place] = Int32(word)
                place += 1
            }
        }
        return words
    }

    private mutating func findNodes() {
        let words = wordsByPlace()
        let count = order.places.count
        deepest = [Int32](repeating: -1, count: count)
        // Open nodes, the longest last; node -1 is the root.
        var open: [Int32] = []
        // What the next rank adds to a node's weight is added to the longest open one and handed down when it closes.
        for rank in 0...count {
            let shared = rank == 0 || rank == count ? 0 : Int(order.shared[rank])
            if rank > 0 {
                let place = Int(order.places[rank - 1])
                let weight = text.counts[Int(words[place])]
                let top = open.last.map { Int(nodes[Int($0)].depth) } ?? 0
                if shared > top {
                    nodes.append(
                        Node(depth: UInt8(shared), place: UInt32(place), parent: -1, weight: 0))
                    open.append(Int32(nodes.count - 1))
                }
                if let node = open.last {
                    deepest[rank - 1] = node
                    nodes[Int(node)].weight += weight
                }
            }
            while let last = open.last, Int(nodes[Int(last)].depth) > shared {
                open.removeLast()
                let node = nodes[Int(last)]
                let below = open.last.map { Int(nodes[Int($0)].depth) } ?? 0
                if below < shared {
                    nodes.append(
                        Node(depth: UInt8(shared), place: node.place, parent: -1, weight: 0))
                    open.append(Int32(nodes.count - 1))
                }
                nodes[Int(last)].parent = open.last ?? -1
                if let parent = open.last { nodes[Int(parent)].weight += node.weight }
            }
        }
    }

    /// The model of all seeds: each with its frequency times its length as its first weight.
    func model(threads: Int) -> UnigramModelFit {
        var fit = UnigramModelFit(text, threads: threads)
        var characterWeights = [Int](repeating: 0, count: text.alphabet.count)
        var characterPlaces = [Int](repeating: 0, count: text.alphabet.count)
        for (word, start) in text.starts.enumerated() {
            var place = start
            while text.symbols[place] != 0 {
                let character = Int(text.symbols[place]) - 1
                characterWeights[character] += text.counts[word]
                characterPlaces[character] = place
                place += 1
            }
        }
        for (weight, place) in zip(characterWeights, characterPlaces) {
            fit.addPiece(place: place, length: 1, weight: Double(weight))
        }
        let chosen = chosenNodes()
        var numbers = [Int32](repeating: -1, count: nodes.count)
        for index in chosen {
            let node = nodes[Int(index)]
            numbers[Int(index)] = Int32(fit.count)
            fit.addPiece(
                place: Int(node.place), length: Int(node.depth),
                weight: Double(node.weight) * Double(node.depth))
        }
        // Whole words that are no node: nothing follows them anywhere, or they stand once among the different words.
        var whole: [Int32] = Array(repeating: -1, count: text.starts.count)
        var ranks = [UInt32](repeating: 0, count: text.symbols.count)
        for (rank, place) in order.places.enumerated() { ranks[Int(place)] = UInt32(rank) }
        for (word, start) in text.starts.enumerated() {
            let length = self.length(ofWord: word)
            guard length > 1, length <= maximumLength, text.counts[word] > 1 else { continue }
            let node = deepest[Int(ranks[start])]
            if node >= 0, Int(nodes[Int(node)].depth) == length { continue }
            whole[word] = Int32(fit.count)
            fit.addPiece(
                place: start, length: length, weight: Double(text.counts[word] * length))
        }
        var found: [UInt32] = []
        for (word, start) in text.starts.enumerated() {
            for place in start..<start + length(ofWord: word) {
                var node = deepest[Int(ranks[place])]
                found.removeAll(keepingCapacity: true)
                while node >= 0 {
                    if numbers[Int(node)] >= 0 { found.append(UInt32(numbers[Int(node)])) }
                    node = nodes[Int(node)].parent
                }
                fit.addEdge(UInt32(text.symbols[place] - 1))
                for piece in found.reversed() { fit.addEdge(piece) }
                if place == start, whole[word] >= 0 { fit.addEdge(UInt32(whole[word])) }
                fit.closePlace()
            }
            fit.closePlace()
        }
        fit.normaliseWeights()
        return fit
    }

    private func length(ofWord word: Int) -> Int {
        (word + 1 < text.starts.count ? text.starts[word + 1] : text.symbols.count)
            - text.starts[word] - 1
    }

    /// The nodes of two characters and more with the greatest weights times lengths.
    private func chosenNodes() -> [Int32] {
        let candidates = nodes.indices.filter { nodes[$0].depth > 1 && nodes[$0].weight > 1 }
            .map(Int32.init)
        guard candidates.count > limit else { return candidates }
        let score = { (index: Int32) in
            nodes[Int(index)].weight * Int(nodes[Int(index)].depth)
        }
        return candidates.sorted { (score($0), $1) > (score($1), $0) }.prefix(limit).sorted()
    }
}
