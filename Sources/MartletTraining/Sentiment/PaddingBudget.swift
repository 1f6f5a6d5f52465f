/// Keeps the padding of a batch small: one very long text must not blow up the memory of its neighbours.
enum PaddingBudget {
    /// The most tokens of a group, padding included, unless it is a single text.
    static let tokens = 1 << 16

    /// A batch's examples in as few groups as the budget allows, each to be padded for itself.
    static func groups(_ batch: [Int], length: (Int) -> Int) -> [[Int]] {
        let longest = batch.reduce(0) { max($0, length($1)) }
        if longest * batch.count <= tokens { return [batch] }
        var groups: [[Int]] = []
        for index in batch.sorted(by: { (length($0), $0) < (length($1), $1) }) {
            if let last = groups.last, (last.count + 1) * length(index) <= tokens {
                groups[groups.count - 1].append(index)
            } else {
                groups.append([index])
            }
        }
        return groups
    }
}
