import MartletModels

/// Beam search as its definition says: one source, no early stop, everything copied.
struct PlainBeamSearch {
    var search: BeamSearch
    var model: MadeUpWriter

    private struct Row {
        var tokens: [Int32] = []
        var logProbability = 0.0
    }

    func callAsFunction(_ source: [Int32], prefix: [Int32] = [], limit: Int) -> [BeamHypothesis] {
        var live = [Row()]
        var complete: [BeamHypothesis] = []
        var cut: [BeamHypothesis] = []
        func hypothesis(_ row: Row, length: Int, isComplete: Bool) -> BeamHypothesis {
            BeamHypothesis(
                tokens: row.tokens, logProbability: row.logProbability,
                score: row.logProbability / search.lengthPenalty.divisor(length: max(length, 1)),
                isComplete: isComplete,
                attention: row.tokens.indices.map {
                    model.attention(source, [search.beginning] + row.tokens[..<$0])
                })
        }
        for step in 0...limit {
            var next: [(row: Row, parent: Int, token: Int32)] = []
            for (parent, row) in live.enumerated() {
                let logarithms = model.logarithms(source, [search.beginning] + row.tokens)
                for (token, logarithm) in logarithms.enumerated() {
                    let token = Int32(token)
                    guard isAllowed(token, after: row.tokens, prefix) else { continue }
                    let tokens = token == search.end ? row.tokens : row.tokens + [token]
                    next.append(
                        (
                            Row(
                                tokens: tokens, logProbability: row.logProbability + logarithm),
                            parent, token
                        ))
                }
            }
            next.sort {
                $0.row.logProbability != $1.row.logProbability
                    ? $0.row.logProbability > $1.row.logProbability
                    : ($0.token, $0.parent) < ($1.token, $1.parent)
            }
            let ended = next.prefix(search.width).filter { $0.token == search.end }
            complete += ended.map {
                hypothesis($0.row, length: step + 1, isComplete: true)
            }
            let others = next.filter { $0.token != search.end }.prefix(search.width)
            if step == limit || others.isEmpty {
                let parents = Set(ended.map(\.parent))
                cut = live.indices.filter { !parents.contains($0) }.map {
                    hypothesis(live[$0], length: step, isComplete: false)
                }
                break
            }
            live = others.map(\.row)
            if search.stopping == .whenFull || search.width == 1, complete.count >= search.width {
                break
            }
        }
        // Sorting keeps the order of equal ones.
        let order = complete.indices.sorted {
            (-complete[$0].score, $0) < (-complete[$1].score, $1)
        }
        return Array((order.map { complete[$0] } + cut).prefix(search.hypotheses))
    }

    private func isAllowed(_ token: Int32, after written: [Int32], _ prefix: [Int32]) -> Bool {
        if written.count < prefix.count { return token == prefix[written.count] }
        if search.suppressed.contains(token) { return false }
        if token == search.end { return written.count >= search.minimumLength }
        guard let length = search.blockedNGram, written.count >= length else { return true }
        let whole = written + [token]
        let last = whole.suffix(length)
        return !(0..<whole.count - length).contains {
            whole[$0..<$0 + length].elementsEqual(last)
        }
    }
}
