import MartletTensor

/// Short made-up reviews that a tiny network learns to tell apart, every one different.
public struct Reviews {
    /// The texts and whether they praise.
    public let all: [(text: String, isGood: Bool)]

    /// That many reviews of `words` words each, which follow from the seed.
    public init(_ count: Int, words: Int = 8, seed: UInt64 = 1) {
        let good = ["great", "lovely", "friendly", "clean", "tasty"]
        let bad = ["awful", "rude", "dirty", "noisy", "cold"]
        let plain = ["the", "room", "was", "and", "staff", "food", "at", "night", "we", "found"]
        var random = RandomGenerator(seed: seed)
        func pick(_ list: [String]) -> String { list[Int(random.next() % UInt64(list.count))] }
        all = (0..<count).map { number in
            let isGood = number % 2 == 0
            let text = (0..<words - 1).map { place in
                place % 3 == 2 ? pick(isGood ? good : bad) : pick(plain)
            }
            return ("\(text.joined(separator: " ")) n\(number)", isGood)
        }
    }

    /// As JSONL, with these labels.
    public func jsonLines(good: String = "good", bad: String = "bad") -> String {
        all.map { "{\"text\": \"\($0.text)\", \"label\": \"\($0.isGood ? good : bad)\"}\n" }
            .joined()
    }

    /// As CSV or TSV.
    public func table(separator: String, text: String = "text", label: String = "label") -> String {
        "\(label)\(separator)\(text)\n"
            + all.map { "\($0.isGood ? "good" : "bad")\(separator)\($0.text)\n" }.joined()
    }

    /// The texts that praise, or those that do not, a line each.
    public func lines(good: Bool) -> String {
        all.filter { $0.isGood == good }.map { $0.text + "\n" }.joined()
    }
}
